import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import { ConnectionFailedError } from '../../client/prediction-errors';
import { waitForReadiness } from '../../client/readiness';
import { isLocalhostName } from '../connection';
import type { Stage } from './stage';

/** The host's record. */
export const dns: Stage = {
  name: 'dns',
  async run({ connection: { host }, options: { target }, findings, waiting }) {
    if (isIP(host) !== 0) {
      return { skipped: `${host} is an address already` };
    }
    if (target.connectTo !== undefined) {
      return { skipped: `${host} is taken for ${target.connectTo}, whatever its record says` };
    }
    if (isLocalhostName(host)) {
      return { skipped: `${host} is this machine` };
    }
    await waitForReadiness(async () => {
      try {
        const found = await lookup(host, { all: true });
        const addresses = found.map(({ address }) => address);
        findings.dns = { name: host, answers: [{ resolver: 'system', addresses }] };
      } catch (error) {
        throw new ConnectionFailedError(
          `the host name "${host}" has no address (${String((error as NodeJS.ErrnoException).code)}); ` +
            'check its spelling and its DNS record',
          'name-not-found',
        );
      }
    }, waiting());
    return `${host} is ${findings.dns?.answers[0].addresses.join(', ') ?? ''}`;
  },
};
