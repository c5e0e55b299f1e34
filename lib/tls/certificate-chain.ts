import { X509Certificate } from 'node:crypto';
import { CertificateFormatError } from './certificate-format-error';
import { pemBlocks, type PemBlock } from './pem-blocks';

/**
 * The certificates of a PEM text, in its order: the server's own, then its intermediates.
 *
 * @throws CertificateFormatError where the text holds something else (DER, PKCS#12, PKCS#7, a private key, a
 * signing request, a path, nothing), also where it holds a private key beside the certificates: a chain is
 * shown to every client.
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
      'a private key beside the certificates',
      'a certificate chain is shown to every client: move the PRIVATE KEY block to a file of its own',
    );
  }
  return certificates.map((block, index) => parseBlock(block, index + 1, certificates.length));
}

function parseBlock(block: PemBlock, number: number, count: number): X509Certificate {
  const which = count === 1 ? 'a certificate block' : `certificate block ${number} of ${count}`;
  if (!block.complete) {
    throw new CertificateFormatError(
      `${which} without its line -----END ${block.label}-----`,
      'the file is cut short: copy it again, up to its last line',
    );
  }
  try {
    return new X509Certificate(block.text);
  } catch (error) {
    throw new CertificateFormatError(
      `${which} whose content does not decode`,
      'the file is damaged: export it again, and check it with `openssl x509 -in cert.pem -noout -text`',
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
      'give the certificate file here and this one as the private key: the two may have been swapped',
    );
  }
  if (label === 'CERTIFICATE REQUEST' || label === 'NEW CERTIFICATE REQUEST') {
    return new CertificateFormatError(
      'a certificate signing request',
      'send it to the certificate authority, and give the certificate that comes back',
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
      "a certificate in OpenSSL's own TRUSTED form",
      'convert it with `openssl x509 -in cert.pem -out plain.pem`',
    );
  }
  return new CertificateFormatError(
    `a PEM block of another kind ("${label}")`,
    'give the file that holds the certificate',
  );
}

function notPem(text: string): CertificateFormatError {
  const trimmed = text.trim();
  if (trimmed === '') {
    return new CertificateFormatError('an empty text', 'check that the file was written');
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
      'turn each "\\n" into a line break: an environment variable or a JSON value was escaped once too often',
    );
  }
  if (text.includes('-----BEGIN ')) {
    return new CertificateFormatError(
      'PEM whose BEGIN line does not stand alone on its line',
      'put each BEGIN and END line on a line of its own, without indentation or a byte order mark before it',
    );
  }
  // DER begins with a SEQUENCE and a long length; a file that is read as UTF-8 has U+FFFD in its place.
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
    return new CertificateFormatError("a file's path", "give the file's content");
  }
  return new CertificateFormatError(
    'text that is not PEM',
    'give the content of the certificate file; `openssl x509 -in cert.pem -noout -text` shows whether it is one',
  );
}

function pkcs12(): CertificateFormatError {
  return new CertificateFormatError(
    'a PKCS#12 bundle (.pfx, .p12)',
    'take it apart with `openssl pkcs12 -in cert.pfx -nokeys -out cert.pem` and ' +
      '`openssl pkcs12 -in cert.pfx -nocerts -nodes -out key.pem`',
  );
}

function der(text: string): CertificateFormatError {
  // PKCS#8 and PKCS#1 keys go on with the version, INTEGER 0; SEC 1 keys with INTEGER 1.
  const start = text.slice(1, 8);
  if (start.includes('\u0002\u0001\u0000') || start.includes('\u0002\u0001\u0001')) {
    return new CertificateFormatError(
      'a private key in DER (binary)',
      'give the certificate file here; the key is converted with `openssl pkey -inform der -in key.der -out key.pem`',
    );
  }
  return new CertificateFormatError(
    'DER (binary)',
    'convert it with `openssl x509 -inform der -in cert.der -out cert.pem`',
  );
}
