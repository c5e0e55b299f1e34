import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { CertificateProblem } from './certificate-problem';
import { pemBlocks } from './pem-blocks';

/** Private key, or the reason why it cannot be read. */
export type PrivateKeyReading =
  | { readonly key: KeyObject; readonly problem?: undefined }
  | { readonly key?: undefined; readonly problem: CertificateProblem };

/**
 * Reads a PEM private key (PKCS#8, PKCS#1 or SEC 1). The problem never contains any part of the text.
 */
export function readPrivateKey(pem: string): PrivateKeyReading {
  const blocks = pemBlocks(pem);
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) {
    return { problem: formatProblem(describeOther(pem, blocks[0]?.label)) };
  }
  if (block.label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(block.text)) {
    return {
      problem: {
        code: 'PRIVATE_KEY_ENCRYPTED',
        message:
          'private key is encrypted, and an unattended server cannot prompt for the passphrase; ' +
          'decrypt it into a file that only you can read with `(umask 077; openssl pkey -in key.pem -out plain-key.pem)`',
      },
    };
  }
  if (!block.complete) {
    return {
      problem: formatProblem({
        got: `a block without an -----END ${block.label}----- line`,
        remedy: 'copy the file again, including its last line: it is truncated',
      }),
    };
  }
  try {
    return { key: createPrivateKey(block.text) };
  } catch {
    // OpenSSL's reason is omitted: it refers to parts of the key's encoding and does not help to fix the file.
    return {
      problem: formatProblem({
        got: `a ${block.label} block that cannot be decoded`,
        remedy: 'export the key again and check it with `openssl pkey -in key.pem -noout`',
      }),
    };
  }
}

function formatProblem(what: { got: string; remedy: string }): CertificateProblem {
  return {
    code: 'PRIVATE_KEY_FORMAT',
    message: `private key is unusable: got ${what.got}, expected PEM text with a PRIVATE KEY block; ${what.remedy}`,
  };
}

function describeOther(pem: string, label: string | undefined): { got: string; remedy: string } {
  if (label === 'CERTIFICATE') {
    return {
      got: 'a certificate',
      remedy: 'pass the key file here and this file as the certificate: the two may be swapped',
    };
  }
  if (label !== undefined) {
    return {
      got: `a PEM block of type "${label}"`,
      remedy: 'pass the file that contains the private key',
    };
  }
  if (pem.trim() === '') {
    return { got: 'empty text', remedy: 'check that the file was written' };
  }
  if (/^0[\u0080-\u00ff\ufffd]/.test(pem)) {
    return {
      got: 'DER (binary)',
      remedy: 'convert it with `openssl pkey -inform der -in key.der -out key.pem`',
    };
  }
  if (/-----BEGIN [A-Z0-9 ]{1,64}-----(?:\\r)?\\n/.test(pem)) {
    return {
      got: 'PEM on one line, with "\\n" written out as two characters',
      remedy:
        'replace each "\\n" with a line break: the environment variable or JSON value was escaped twice',
    };
  }
  return { got: 'text that is not PEM', remedy: 'pass the content of the private key file, not its path' };
}
