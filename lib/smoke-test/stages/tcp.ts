import { formatAddress } from '../../connection/address';
import { connectionError } from '../../connection/connection-error';
import { describeProxy } from '../../connection/proxy';
import { waitForReadiness } from '../../client/readiness';
import { openTcp } from '../../connection/tcp-connection';
import type { Stage } from './stage';

/** Whether anything listens. */
export const tcp: Stage = {
  name: 'tcp',
  async run({ connection: { address, serverName, protocol }, waiting }) {
    const application = protocol === 'http' ? 'http/1.1' : 'h2';
    let by = '';
    await waitForReadiness(async ({ deadlineMs }) => {
      const opened = await openTcp(address, Date.now() + deadlineMs, application);
      if (opened.kind !== 'connected') {
        throw connectionError(opened, { address, serverName, application }, 'no connection');
      }
      const { proxy, reached } = opened;
      by = proxy ? `, by ${describeProxy(proxy)}` : reached === undefined ? '' : ` at ${reached}`;
      opened.socket.destroy();
    }, waiting());
    return `${formatAddress(address)} accepts connections${by}`;
  },
};
