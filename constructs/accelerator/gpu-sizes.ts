/**
 * Number of NVIDIA GPUs per node for each VM size, as seen by pods. A fraction of a GPU, as in the smaller A10 sizes,
 * counts as one device.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/sizes/overview#gpu-accelerated
 * @internal
 */
export const GPUS_PER_NODE: ReadonlyMap<string, number> = new Map([
  ['Standard_NC4as_T4_v3', 1],
  ['Standard_NC8as_T4_v3', 1],
  ['Standard_NC16as_T4_v3', 1],
  ['Standard_NC64as_T4_v3', 4],
  ['Standard_NC24ads_A100_v4', 1],
  ['Standard_NC48ads_A100_v4', 2],
  ['Standard_NC96ads_A100_v4', 4],
  ['Standard_NC40ads_H100_v5', 1],
  ['Standard_NC80adis_H100_v5', 2],
  ['Standard_NV6ads_A10_v5', 1],
  ['Standard_NV12ads_A10_v5', 1],
  ['Standard_NV18ads_A10_v5', 1],
  ['Standard_NV36ads_A10_v5', 1],
  ['Standard_NV36adms_A10_v5', 1],
  ['Standard_NV72ads_A10_v5', 2],
  ['Standard_ND96asr_v4', 8],
  ['Standard_ND96amsr_A100_v4', 8],
  ['Standard_ND96isr_H100_v5', 8],
  ['Standard_ND96isr_H200_v5', 8],
]);

/** VM sizes that cannot be used, the reason, and a replacement. */
interface UnusableSizes {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly successor: string;
}

/**
 * @see https://learn.microsoft.com/azure/virtual-machines/sizes/retirement/retired-sizes-list
 * @see https://learn.microsoft.com/azure/aks/use-nvidia-gpu
 */
const UNUSABLE: readonly UnusableSizes[] = [
  {
    pattern: /^Standard_NC(6|12|24r?)(_Promo)?$/i,
    reason: 'retired (NC-series, Tesla K80)',
    successor: 'Standard_NC4as_T4_v3',
  },
  {
    pattern: /^Standard_NC(6|12|24r?)s_v2$/i,
    reason: 'retired (NCv2-series, Tesla P100)',
    successor: 'Standard_NC4as_T4_v3',
  },
  {
    pattern: /^Standard_NC(6|12|24r?)s_v3$/i,
    reason: 'retired (NCv3-series, Tesla V100)',
    successor: 'Standard_NC24ads_A100_v4',
  },
  {
    pattern: /^Standard_ND(6|12|24r?)s$/i,
    reason: 'retired (ND-series, Tesla P40)',
    successor: 'Standard_NC4as_T4_v3',
  },
  {
    pattern: /^Standard_NV(6|12|24)(_Promo|s_v2)?$/i,
    reason: 'retired (NV-series, Tesla M60)',
    successor: 'Standard_NV36ads_A10_v5',
  },
  {
    pattern: /^Standard_NV(12|24|48)s_v3$/i,
    reason: 'retired as of 30 September 2026 (NVv3-series, Tesla M60)',
    successor: 'Standard_NV36ads_A10_v5',
  },
  {
    pattern: /^Standard_NV\d+as_v4$/i,
    reason: 'of AMD GPUs (NVv4-series), which AKS does not support, and is retired as of 30 September 2026',
    successor: 'Standard_NC4as_T4_v3',
  },
  {
    pattern: /^Standard_(PB6r?s|NP(10|20|40)s)$/i,
    reason: 'of FPGAs, which AKS nodes cannot use',
    successor: 'FpgaCompute in place of AksCompute',
  },
];

/**
 * Returns why a VM size cannot be used for GPU nodes, and a replacement.
 * @returns `undefined` if no reason is known
 * @internal
 */
export function unusableGpuSize(vmSize: string): { reason: string; successor: string } | undefined {
  return UNUSABLE.find(({ pattern }) => pattern.test(vmSize));
}
