import { request } from 'node:https';

import type { Check, Finding } from './check';

const TIMEOUT_MS = 5000;
/** Clock skew that Microsoft Entra ID tolerates in tokens. */
const TOLERATED_SECONDS = 300;
const CERTIFICATE_DATES = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

/** Compares the clock with the `Date` header of an HTTPS response: certificates and tokens depend on the time. */
export const checkClock: Check = async ({ timeHost }) => {
  try {
    return [compare(await askTime(timeHost), Date.now(), timeHost)];
  } catch (error) {
    return [explain(error as NodeJS.ErrnoException, timeHost)];
  }
};

function compare(theirs: number, ours: number, timeHost: string): Finding {
  const check = 'clock';
  const seconds = Math.round((ours - theirs) / 1000);
  // The header has a resolution of one second, and the response took time to arrive.
  if (Math.abs(seconds) <= 2) {
    return { check, outcome: 'passed', finding: `as ${timeHost} has it` };
  }
  const finding = `${describeSeconds(Math.abs(seconds))} ${seconds > 0 ? 'ahead of' : 'behind'} ${timeHost}`;
  return Math.abs(seconds) <= TOLERATED_SECONDS
    ? { check, outcome: 'passed', finding }
    : { check, outcome: 'failed', finding, remedy: SETTING_THE_CLOCK };
}

const SETTING_THE_CLOCK =
  'synchronize the clock: timedatectl set-ntp true on Linux, System Settings > General > Date & Time on macOS';

function explain(error: NodeJS.ErrnoException, timeHost: string): Finding {
  const check = 'clock';
  const { code = error.message } = error;
  return CERTIFICATE_DATES.includes(code)
    ? {
        check,
        outcome: 'failed',
        finding: `according to this clock, the certificate of ${timeHost} is not valid (${code})`,
        remedy: SETTING_THE_CLOCK,
      }
    : {
        check,
        outcome: 'note',
        finding: `not compared: ${timeHost} does not respond (${code})`,
        remedy: 'behind a firewall, set --time-host to a reachable host',
      };
}

/** @returns milliseconds since the epoch */
function askTime(timeHost: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(
      `https://${timeHost}/`,
      // A pooled connection would keep the process running.
      { method: 'HEAD', agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) },
      (response) => {
        response.resume();
        const time = Date.parse(response.headers.date ?? '');
        if (Number.isNaN(time)) {
          reject(new Error('its response has no date'));
        } else {
          resolve(time);
        }
      },
    );
    asking.once('error', reject).end();
  });
}

function describeSeconds(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
