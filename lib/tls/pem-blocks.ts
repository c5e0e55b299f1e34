/** One block of a PEM text (RFC 7468). */
export interface PemBlock {
  /** What stands between `-----BEGIN ` and `-----`: `CERTIFICATE`, `EC PRIVATE KEY`, … */
  readonly label: string;
  /** The block with its first and last line; without the last line where `complete` is false. */
  readonly text: string;
  /** False where the END line is missing. */
  readonly complete: boolean;
}

const beginLine = /^-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*$/gm;

/**
 * The blocks of a PEM text, in its order. Text around the blocks is skipped, as OpenSSL does: `openssl x509
 * -text` writes some. A BEGIN line counts only at the start of a line, as for OpenSSL.
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let position = 0;
  for (const begin of text.matchAll(beginLine)) {
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
