/** Whether a text can be sent as a key: printable ASCII without spaces, which any header can carry. */
export function isServiceKey(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
