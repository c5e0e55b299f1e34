import { createServer } from 'node:net';

import { ListenError } from '../serving/serving-errors';

/**
 * Checks that nothing listens on a port.
 * @throws ListenError if it is impossible to listen on the address for another reason
 */
export function isPortFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        resolve(false);
      } else {
        reject(ListenError.from(error, address, port));
      }
    });
    probe.listen(port, address, () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}
