/**
 * One block of a PEM text.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7468
 */
export interface PemBlock {
  /** Text between `-----BEGIN ` and `-----`: `CERTIFICATE`, `EC PRIVATE KEY`, … */
  readonly label: string;
  /** Block including its BEGIN and END lines; without the END line if `complete` is false. */
  readonly text: string;
  /** False if the END line is missing. */
  readonly complete: boolean;
}

const BEGIN_LINE = /^-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*$/gm;

/**
 * Splits a PEM text into its blocks. Like OpenSSL, it skips text around the blocks (`openssl x509 -text` writes some) and
 * recognizes BEGIN only at the start of a line.
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let position = 0;
  for (const begin of text.matchAll(BEGIN_LINE)) {
    if (begin.index < position) {
      continue;
    }
    const label = begin[1];
    const endLine = `-----END ${label}-----`;
    const end = text.indexOf(endLine, begin.index);
    if (end < 0) {
      blocks.push({ label, text: text.slice(begin.index), complete: false });
      break;
    }
    position = end + endLine.length;
    blocks.push({ label, text: text.slice(begin.index, position), complete: true });
  }
  return blocks;
}
