/** Returns whether a text can be sent as a key: printable ASCII without spaces, which is valid in any header. */
export function isServiceKey(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
