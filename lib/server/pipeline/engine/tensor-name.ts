/** The node of a TensorFlow tensor name: `features` of `features:0`. */
export function tensorBaseName(name: string): string {
  return /^(.*):\d+$/.exec(name)?.[1] ?? name;
}
