import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { CertificateProblem } from './certificate-problem';
import { pemBlocks } from './pem-blocks';

/** A private key that could be read, or why it could not. */
export type PrivateKeyReading =
  | { readonly key: KeyObject; readonly problem?: undefined }
  | { readonly key?: undefined; readonly problem: CertificateProblem };

/**
 * Reads a PEM private key (PKCS#8, PKCS#1 or SEC 1). Neither the problem nor its message holds a part of the
 * text.
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
          'private key is protected by a passphrase, but a server that starts on its own cannot ask for it; ' +
          'write it without one, readable only by you, with `(umask 077; openssl pkey -in key.pem -out plain-key.pem)`',
      },
    };
  }
  if (!block.complete) {
    return {
      problem: formatProblem({
        got: `a block without its line -----END ${block.label}-----`,
        mend: 'the file is cut short: copy it again, up to its last line',
      }),
    };
  }
  try {
    return { key: createPrivateKey(block.text) };
  } catch {
    // OpenSSL's reason is left out: it names parts of the key's encoding and helps nobody to mend it.
    return {
      problem: formatProblem({
        got: `a ${block.label} block whose content does not decode`,
        mend: 'export the key again, and check it with `openssl pkey -in key.pem -noout`',
      }),
    };
  }
}

function formatProblem(what: { got: string; mend: string }): CertificateProblem {
  return {
    code: 'PRIVATE_KEY_FORMAT',
    message: `private key is not usable: got ${what.got}, expected PEM text with a PRIVATE KEY block; ${what.mend}`,
  };
}

function describeOther(pem: string, label: string | undefined): { got: string; mend: string } {
  if (label === 'CERTIFICATE') {
    return {
      got: 'a certificate',
      mend: 'give the key file here and this one as the certificate: the two may have been swapped',
    };
  }
  if (label !== undefined) {
    return {
      got: `a PEM block of another kind ("${label}")`,
      mend: 'give the file that holds the private key',
    };
  }
  if (pem.trim() === '') {
    return { got: 'an empty text', mend: 'check that the file was written' };
  }
  if (/^0[\u0080-\u00ff\ufffd]/.test(pem)) {
    return {
      got: 'DER (binary)',
      mend: 'convert it with `openssl pkey -inform der -in key.der -out key.pem`',
    };
  }
  if (/-----BEGIN [A-Z0-9 ]{1,64}-----(?:\\r)?\\n/.test(pem)) {
    return {
      got: 'PEM on one line, with "\\n" written out as two characters',
      mend: 'turn each "\\n" into a line break: an environment variable or a JSON value was escaped once too often',
    };
  }
  return { got: 'text that is not PEM', mend: 'give the content of the private key file, not its path' };
}
