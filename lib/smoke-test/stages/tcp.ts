import { formatAddress } from '../../client/address';
import { connectionError } from '../../client/connection-error';
import { waitForReadiness } from '../../client/readiness';
import { openTcp } from '../../client/tcp-connection';
import type { Stage } from './stage';

/** Whether anything listens. */
export const tcp: Stage = {
  name: 'tcp',
  async run({ connection: { address, serverName }, waiting }) {
    let reached: string | undefined;
    await waitForReadiness(async ({ deadlineMs }) => {
      const opened = await openTcp(address, Date.now() + deadlineMs);
      if (opened.kind !== 'connected') {
        throw connectionError(opened, { address, serverName }, 'no connection');
      }
      reached = opened.socket.remoteAddress;
      opened.socket.destroy();
    }, waiting());
    const at = reached === undefined || reached === address.host ? '' : ` at ${reached}`;
    return `${formatAddress(address)} accepts connections${at}`;
  },
};
