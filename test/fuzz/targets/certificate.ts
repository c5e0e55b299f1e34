import { checkCertificate, parseHostname } from '../../../lib/tls';

/** Certificates and keys are checked, never a reason to throw; and no message holds the key. */
export function fuzz(data: Buffer): Promise<void> {
  const text = data.toString('utf8');
  const hostname = text.slice(0, 39);
  parseHostname(hostname);
  const problems = [
    ...checkCertificate({ certificateChain: text, privateKey: text, hostname }),
    ...checkCertificate({ certificateChain: text, rootCertificates: text, allowSelfSigned: true }),
  ];
  // Longer than the name, which a message may repeat.
  const secrets = text.split('\n').filter((line) => /^[A-Za-z0-9+/=]{40,}$/.test(line));
  const leak = problems.find(({ message }) => secrets.some((secret) => message.includes(secret)));
  if (leak) {
    throw new Error(`${leak.code} repeats the text`);
  }
  return Promise.resolve();
}
