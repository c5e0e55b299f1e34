import { formatAddress } from '../../connection/address';
import { connectionError } from '../../connection/connection-error';
import { describeProxy } from '../../connection/proxy';
import { waitForReadiness } from '../../client/readiness';
import { openTcp } from '../../connection/tcp-connection';
import { connectionTarget } from '../target';
import type { Check } from './check';

/** Checks that the service accepts TCP connections. */
export const tcp: Check = {
  name: 'tcp',
  async run({ target, waiting }) {
    const connection = connectionTarget(target);
    let by = '';
    await waitForReadiness(async ({ deadlineMs }) => {
      const opened = await openTcp(connection, Date.now() + deadlineMs);
      if (opened.kind !== 'connected') {
        throw connectionError(opened, connection, 'no connection');
      }
      const { proxy, reached } = opened;
      by = proxy ? ` through ${describeProxy(proxy)}` : reached === undefined ? '' : ` at ${reached}`;
      opened.socket.destroy();
    }, waiting());
    return `${formatAddress(connection.address)} accepts connections${by}`;
  },
};
