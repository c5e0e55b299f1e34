import { Accelerator, AcceleratorError } from '../../../constructs';
import { refusal } from '../support/messages';

describe('an accelerator', () => {
  it('returns the number of GPUs of a VM size in any spelling', () => {
    expect(Accelerator.gpu('Standard_NC4as_T4_v3').devicesPerNode).toBe(1);
    expect(Accelerator.gpu('Standard_NC64as_T4_v3').devicesPerNode).toBe(4);
    expect(Accelerator.gpu('Standard_NC80adis_H100_v5').devicesPerNode).toBe(2);
    expect(Accelerator.gpu('standard_nc4as_t4_v3').vmSize).toBe('Standard_NC4as_T4_v3');
  });

  it("keeps other pods off GPU nodes and requests GPUs by NVIDIA's resource name", () => {
    const accelerator = Accelerator.gpu('Standard_NC4as_T4_v3');

    expect(accelerator.resourceName).toBe('nvidia.com/gpu');
    expect(accelerator.isNvidia).toBe(true);
    expect(accelerator.taint).toEqual({ key: 'sku', value: 'gpu', effect: 'NoSchedule' });
  });

  it('has no devices and no taint on CPUs', () => {
    const accelerator = Accelerator.cpu();

    expect(accelerator.vmSize).toBe('Standard_D4s_v5');
    expect(accelerator.devicesPerNode).toBe(0);
    expect(accelerator.resourceName).toBeUndefined();
    expect(accelerator.taint).toBeUndefined();
    expect(Accelerator.cpu('Standard_F8s_v2').vmSize).toBe('Standard_F8s_v2');
  });

  it('can be of any size and any maker', () => {
    const accelerator = Accelerator.custom({
      vmSize: 'Standard_ND96is_MI300X_v5',
      devicesPerNode: 8,
      resourceName: 'amd.com/gpu',
      deviceName: 'AMD GPUs',
      taint: { key: 'amd', value: 'yes', effect: 'NoExecute' },
    });

    expect(accelerator).toMatchObject({
      vmSize: 'Standard_ND96is_MI300X_v5',
      devicesPerNode: 8,
      resourceName: 'amd.com/gpu',
      deviceName: 'AMD GPUs',
      isNvidia: false,
      taint: { key: 'amd', value: 'yes', effect: 'NoExecute' },
    });
  });

  it.each([
    ['Standard_NC6', 'Standard_NC4as_T4_v3'],
    ['Standard_NC24r', 'Standard_NC4as_T4_v3'],
    ['Standard_NC6s_v2', 'Standard_NC4as_T4_v3'],
    ['Standard_NC6s_v3', 'Standard_NC24ads_A100_v4'],
    ['Standard_ND6s', 'Standard_NC4as_T4_v3'],
    ['Standard_NV12s_v3', 'Standard_NV36ads_A10_v5'],
    ['Standard_NV4as_v4', 'Standard_NC4as_T4_v3'],
    ['Standard_PB6s', 'FpgaCompute in place of AksCompute'],
    ['Standard_NP10s', 'FpgaCompute in place of AksCompute'],
  ])('rejects %s and suggests its successor', (vmSize, successor) => {
    expect(() => Accelerator.gpu(vmSize)).toThrow(AcceleratorError);
    expect(refusal(() => Accelerator.gpu(vmSize))).toMatch(new RegExp(`^${vmSize} is .+; use ${successor}$`));
  });

  it('explains why a size cannot be used', () => {
    expect(refusal(() => Accelerator.gpu('Standard_NC6'))).toBe(
      'Standard_NC6 is retired (NC-series, Tesla K80); use Standard_NC4as_T4_v3',
    );
  });

  it('rejects a size with unknown GPUs, with a remedy', () => {
    expect(refusal(() => Accelerator.gpu('Standard_NC1000_v9'))).toMatch(
      /^the number of GPUs of Standard_NC1000_v9 is unknown; use one of Standard_NC4as_T4_v3, .+Accelerator\.custom/,
    );
  });

  it('rejects invalid values', () => {
    expect(refusal(() => Accelerator.cpu('D4s v5'))).toBe(
      'vmSize is "D4s v5"; expected an Azure VM size, such as Standard_NC4as_T4_v3',
    );
    const custom = { vmSize: 'Standard_X', devicesPerNode: 1, resourceName: 'a.b/c' };
    expect(refusal(() => Accelerator.custom({ ...custom, devicesPerNode: 0 }))).toBe(
      'devicesPerNode is 0; expected a whole number of at least 1',
    );
    expect(refusal(() => Accelerator.custom({ ...custom, resourceName: 'gpu' }))).toBe(
      'resourceName is "gpu"; expected the resource name that the device plugin advertises, such as nvidia.com/gpu',
    );
  });
});
