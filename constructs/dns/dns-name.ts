import { parseHostname } from '../../lib/tls';

/**
 * Normalizes a name for comparison.
 * @internal
 */
export function plainName(name: string): string {
  return parseHostname(name)?.value ?? name.toLowerCase().replace(/\.$/, '');
}

/**
 * Returns a host name relative to a zone, or `@` for the zone itself.
 * @returns `undefined` if the name is not in the zone
 * @internal
 */
export function nameInZone(hostname: string, zoneName: string): string | undefined {
  const [host, zone] = [plainName(hostname), plainName(zoneName)];
  if (host === zone) {
    return '@';
  }
  return host.endsWith(`.${zone}`) ? host.slice(0, -zone.length - 1) : undefined;
}
