import { createHash } from 'node:crypto';

/** Who runs Terraform, as the simulated Entra ID knows it. */
export const CALLER = {
  tenantId: '11111111-1111-1111-1111-111111111111',
  objectId: '22222222-2222-2222-2222-222222222222',
  clientId: '33333333-3333-3333-3333-333333333333',
} as const;

/** The subscription that the caller is signed in to. */
export const SUBSCRIPTION_ID = '00000000-0000-0000-0000-000000000001';

/** The network of the machine that runs Terraform. It has Azure's DNS. */
export const CALLER_NETWORK_ID = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/pipeline/providers/Microsoft.Network/virtualNetworks/pipeline`;

/** A GUID that is the same in every run. */
export function guid(...parts: string[]): string {
  const hex = createHash('sha256').update(parts.join('/').toLowerCase()).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** A time as Azure writes it. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
