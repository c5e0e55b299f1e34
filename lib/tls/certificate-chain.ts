import { X509Certificate } from 'node:crypto';
import { BrainwaveError } from '../errors/brainwave-error';
import { pemBlocks, type PemBlock } from './pem-blocks';

/**
 * The text is not a PEM certificate chain. The message says what the text is and how to convert it. It never quotes the
 * text, which may be a private key.
 */
export class CertificateFormatError extends BrainwaveError {
  readonly code = 'CERTIFICATE_FORMAT';

  /** @param got What the text is, for example `DER (binary)`. */
  constructor(
    readonly got: string,
    remedy: string,
    options?: ErrorOptions,
  ) {
    super(
      `certificate is unusable: got ${got}, expected PEM text with one or more -----BEGIN CERTIFICATE----- blocks, ` +
        `starting with the server's certificate; ${remedy}`,
      options,
    );
  }
}

/**
 * Parses the certificates of a PEM text in file order: the server's certificate, then its intermediates.
 *
 * @throws CertificateFormatError if the text is anything else (DER, PKCS#12, PKCS#7, a private key, a signing request,
 * a path, empty) or contains a private key as well: the server sends the chain to every client.
 */
export function parseCertificateChain(pem: string): X509Certificate[] {
  const blocks = pemBlocks(pem);
  if (blocks.length === 0) {
    throw notPem(pem);
  }
  const certificates = blocks.filter(isCertificate);
  if (certificates.length === 0) {
    throw otherBlock(blocks[0]);
  }
  if (blocks.some(isPrivateKey)) {
    throw new CertificateFormatError(
      'a private key together with the certificates',
      'move the PRIVATE KEY block to a separate file: the server sends the certificate chain to every client',
    );
  }
  return certificates.map((block, index) => parseBlock(block, index + 1, certificates.length));
}

function parseBlock(block: PemBlock, number: number, count: number): X509Certificate {
  const which = count === 1 ? 'a certificate block' : `certificate block ${number} of ${count}`;
  if (!block.complete) {
    throw new CertificateFormatError(
      `${which} without an -----END ${block.label}----- line`,
      'copy the file again, including its last line: it is truncated',
    );
  }
  try {
    return new X509Certificate(block.text);
  } catch (error) {
    throw new CertificateFormatError(
      `${which} that cannot be decoded`,
      'export the certificate again and check it with `openssl x509 -in cert.pem -noout -text`',
      { cause: error },
    );
  }
}

function isCertificate(block: PemBlock): boolean {
  return block.label === 'CERTIFICATE' || block.label === 'X509 CERTIFICATE';
}

function isPrivateKey(block: PemBlock): boolean {
  return block.label.endsWith('PRIVATE KEY');
}

function otherBlock(block: PemBlock): CertificateFormatError {
  const { label } = block;
  if (isPrivateKey(block)) {
    return new CertificateFormatError(
      'a private key',
      'pass the certificate file here and this file as the private key: the two may be swapped',
    );
  }
  if (label === 'CERTIFICATE REQUEST' || label === 'NEW CERTIFICATE REQUEST') {
    return new CertificateFormatError(
      'a certificate signing request',
      'send it to the certificate authority and pass the certificate that it issues',
    );
  }
  if (label === 'PKCS7' || label === 'CMS') {
    return new CertificateFormatError(
      'a PKCS#7 bundle (.p7b)',
      'convert it with `openssl pkcs7 -print_certs -in cert.p7b -out cert.pem`',
    );
  }
  if (label === 'TRUSTED CERTIFICATE') {
    return new CertificateFormatError(
      "a certificate in OpenSSL's TRUSTED CERTIFICATE format",
      'convert it with `openssl x509 -in cert.pem -out plain.pem`',
    );
  }
  return new CertificateFormatError(
    `a PEM block of type "${label}"`,
    'pass the file that contains the certificate',
  );
}

function notPem(text: string): CertificateFormatError {
  const trimmed = text.trim();
  if (trimmed === '') {
    return new CertificateFormatError('empty text', 'check that the file was written');
  }
  if (text.includes('-\0-\0-')) {
    return new CertificateFormatError(
      'UTF-16 text',
      'save it as UTF-8 or ASCII (in PowerShell: Set-Content -Encoding ascii)',
    );
  }
  if (/-----BEGIN [A-Z0-9 ]{1,64}-----(?:\\r)?\\n/.test(text)) {
    return new CertificateFormatError(
      'PEM on one line, with "\\n" written out as two characters',
      'replace each "\\n" with a line break: the environment variable or JSON value was escaped twice',
    );
  }
  if (text.includes('-----BEGIN ')) {
    return new CertificateFormatError(
      'PEM with other text on the BEGIN line',
      'put each BEGIN and END marker on its own line, without indentation or a byte order mark',
    );
  }
  // DER starts with a SEQUENCE tag and a long-form length, which decodes to U+FFFD when the file is read as UTF-8.
  if (/^0[\u0080-\u00ff\ufffd]/.test(text)) {
    return text.slice(1, 16).includes('\u0002\u0001\u0003') ? pkcs12() : der(text);
  }
  if (/^MI[A-Za-z0-9+/=\s]+$/.test(trimmed)) {
    return new CertificateFormatError(
      'base64 without its BEGIN and END lines',
      'decode and convert it with `base64 -d cert.txt | openssl x509 -inform der -out cert.pem`',
    );
  }
  if (!/\s/.test(trimmed) && /\.(?:pem|crt|cer|der|key|pfx|p12|p7b)$/i.test(trimmed)) {
    return new CertificateFormatError('a file path', 'pass the content of the file');
  }
  return new CertificateFormatError(
    'text that is not PEM',
    'pass the content of the certificate file; check it with `openssl x509 -in cert.pem -noout -text`',
  );
}

function pkcs12(): CertificateFormatError {
  return new CertificateFormatError(
    'a PKCS#12 bundle (.pfx, .p12)',
    'split it with `openssl pkcs12 -in cert.pfx -nokeys -out cert.pem` and ' +
      '`openssl pkcs12 -in cert.pfx -nocerts -nodes -out key.pem`',
  );
}

function der(text: string): CertificateFormatError {
  // In PKCS#8 and PKCS#1 keys the version INTEGER 0 comes next; in SEC 1 keys it is INTEGER 1.
  const start = text.slice(1, 8);
  if (start.includes('\u0002\u0001\u0000') || start.includes('\u0002\u0001\u0001')) {
    return new CertificateFormatError(
      'a private key in DER (binary)',
      'pass the certificate file here; convert the key with `openssl pkey -inform der -in key.der -out key.pem`',
    );
  }
  return new CertificateFormatError(
    'DER (binary)',
    'convert it with `openssl x509 -inform der -in cert.der -out cert.pem`',
  );
}
