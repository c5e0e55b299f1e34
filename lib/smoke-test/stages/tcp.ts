import { connect } from 'node:net';

import { formatAddress } from '../../client/address';
import { diagnoseConnection } from '../../client/connection-diagnosis';
import { connectionError } from '../../client/connection-error';
import { waitForReadiness } from '../../client/readiness';
import type { Stage } from './stage';

/** Whether anything listens. */
export const tcp: Stage = {
  name: 'tcp',
  async run({ connection: { address, serverName }, waiting }) {
    await waitForReadiness(async ({ deadlineMs }) => {
      if (!(await canConnect(address, deadlineMs))) {
        const target = { address, serverName };
        throw connectionError(await diagnoseConnection(target, deadlineMs), target, 'no connection');
      }
    }, waiting());
    return `${formatAddress(address)} accepts connections`;
  },
};

function canConnect(address: { host: string; port: number }, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, signal: AbortSignal.timeout(Math.ceil(timeoutMs)) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
