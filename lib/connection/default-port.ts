/**
 * Returns the port of an address without one: 443 with TLS, 80 without. Stacks compute it at synth, where a module that
 * loads the gRPC library would cost half a second.
 */
export function defaultPort(tls: boolean): number {
  return tls ? 443 : 80;
}
