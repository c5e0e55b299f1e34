/**
 * How many NVIDIA GPUs pods find on a node of each size. A part of a GPU, as the smaller A10 sizes have it, is one
 * device to pods.
 *
 * Source: "Accelerators (Qty.)" on the pages "NCasT4_v3 sizes series", "NC_A100_v4 sizes series",
 * "NCads_H100_v5 sizes series", "NVadsA10_v5 sizes series", "ND_A100_v4 sizes series", "NDm_A100_v4 sizes
 * series", "ND_H100_v5 sizes series" and "ND_H200_v5 sizes series" of the Azure virtual machines documentation.
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

/** Sizes that cannot be used, and why. */
interface UnusableSizes {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly successor: string;
}

/** Source: "Retired Azure VM size series", and "Use GPUs on Azure Kubernetes Service (AKS)" for AMD's GPUs. */
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
 * Why a size cannot be a GPU node, and what to take for it.
 * @returns `undefined` where nothing is known against it
 * @internal
 */
export function unusableGpuSize(vmSize: string): { reason: string; successor: string } | undefined {
  return UNUSABLE.find(({ pattern }) => pattern.test(vmSize));
}
