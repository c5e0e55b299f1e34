import type { X509Certificate } from 'node:crypto';
import type { CertificateProblem } from './certificate-problem';
import { day, describe } from './describe-certificate';
import { certificateValidity, daysBetween } from './validity';

/** Which of a path's certificates have expired, are about to, or are not valid yet. */
export function validityProblems(
  path: readonly X509Certificate[],
  minimumDaysToExpiry: number,
  now: Date,
): CertificateProblem[] {
  return path.flatMap((certificate, index) => {
    const { notBefore, notAfter } = certificateValidity(certificate);
    const what = `${index === 0 ? 'certificate' : "the chain's certificate"} ${describe(certificate)}`;
    const renew = index === 0 ? 'renew it' : "replace it by the authority's present one";
    const problems: CertificateProblem[] = [];
    if (notBefore > now) {
      problems.push({
        code: 'CERTIFICATE_NOT_YET_VALID',
        message:
          `${what} is not valid yet: it begins on ${notBefore.toISOString()}, and it is ${now.toISOString()}; ` +
          'wait until then, give the certificate in force, or set the clock right',
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
