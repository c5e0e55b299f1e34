/* eslint-disable no-control-regex -- file formats are told by control characters at their beginning */

/** Accepted image formats, for messages. */
export const FORMATS = 'JPEG, PNG, WebP, GIF or TIFF';

/** Accepted image formats, by their names in sharp. */
export const ACCEPTED_FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff']);

const ACCEPTED = /^(\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF[^]{4}WEBP|GIF8[79]a|II[*+]\0|MM\0[*+])/;

const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\s*(<\?xml[^]*)?<svg/i, 'an SVG drawing'],
  [/^%PDF/, 'a PDF'],
  [/^%!PS/, 'PostScript'],
  [/^[^]{4}ftyp(avif|avis)/, 'an AVIF image'],
  [/^[^]{4}ftyp(hei|hev|mif1|msf1)/, 'a HEIF image'],
  [/^(\xff\x0a|[^]{4}JXL )/, 'a JPEG XL image'],
  [/^(\xff\x4f\xff\x51|[^]{4}jP {2})/, 'a JPEG 2000 image'],
  [/^BM/, 'a BMP image'],
  [/^8BPS/, 'a Photoshop file'],
  [/^PK\x03\x04/, 'a zip'],
  [/^\s*<(!doctype html|html)/i, 'an HTML page'],
  [/^(data:|\/9j\/|iVBORw0KGgo|R0lGOD|UklGR)/, 'base64 text (decode it before sending)'],
  [/^version https:\/\/git-lfs\.github\.com/, 'a Git LFS pointer (run git lfs pull)'],
  [/^\x93NUMPY/, 'a NumPy array'],
  // Bytes without control characters count as text.
  [/^[^\x00-\x08\x0e-\x1f]+$/, 'text'],
];

/**
 * Describes bytes that are no image of an accepted format by their beginning: `is a PDF`.
 * @returns undefined for an accepted format
 */
export function describeForeignBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) {
    return 'is empty (0 bytes)';
  }
  const start = Buffer.from(bytes.subarray(0, 256)).toString('latin1');
  if (ACCEPTED.test(start)) {
    return undefined;
  }
  return `is ${REFUSED.find(([pattern]) => pattern.test(start))?.[1] ?? 'not an image'}`;
}
