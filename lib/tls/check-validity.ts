import type { X509Certificate } from 'node:crypto';
import type { CertificateProblem } from './certificate-problem';
import { describe } from './certificate-names';
import { certificateValidity, day, daysBetween } from './validity';

/** Returns a problem for each certificate of the path that has expired, expires soon or is not yet valid. */
export function validityProblems(
  path: readonly X509Certificate[],
  minimumDaysToExpiry: number,
  now: Date,
): CertificateProblem[] {
  return path.flatMap((certificate, index) => {
    const { notBefore, notAfter } = certificateValidity(certificate);
    const what = `${index === 0 ? 'certificate' : 'chain certificate'} ${describe(certificate)}`;
    const renew = index === 0 ? 'renew it' : "replace it with the authority's current certificate";
    const problems: CertificateProblem[] = [];
    if (notBefore > now) {
      problems.push({
        code: 'CERTIFICATE_NOT_YET_VALID',
        message:
          `${what} is not valid before ${notBefore.toISOString()}, and the time is ${now.toISOString()}; ` +
          'wait until then, pass the certificate that is currently valid, or correct the clock',
      });
    }
    if (notAfter < now) {
      problems.push({
        code: 'CERTIFICATE_EXPIRED',
        message: `${what} expired on ${day(notAfter)}, ${ago(notAfter, now)}; ${renew}`,
      });
    } else if (notAfter.getTime() - now.getTime() < minimumDaysToExpiry * 86_400_000) {
      problems.push({
        code: 'CERTIFICATE_EXPIRING',
        message:
          `${what} expires on ${day(notAfter)}, in ${days(daysBetween(now, notAfter))}, expected at least ` +
          `${days(minimumDaysToExpiry)}; ${renew}, or lower minimumDaysToExpiry`,
      });
    }
    return problems;
  });
}

function ago(then: Date, now: Date): string {
  const count = daysBetween(then, now);
  return count === 0 ? 'less than a day ago' : `${days(count)} ago`;
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
