/**
 * Size of a virtual machine with FPGAs.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/sizes/fpga-accelerated/np-family
 */
export class FpgaVmSize {
  /** One Alveo U250, 10 virtual CPUs, 168 GiB. */
  static readonly NP10S = new FpgaVmSize('Standard_NP10s', 1);
  /** Two Alveo U250, 20 virtual CPUs, 336 GiB. */
  static readonly NP20S = new FpgaVmSize('Standard_NP20s', 2);
  /** Four Alveo U250, 40 virtual CPUs, 672 GiB. */
  static readonly NP40S = new FpgaVmSize('Standard_NP40s', 4);

  /**
   * Another size.
   * @param name Azure VM size, such as `Standard_NP10s`.
   * @param devices Number of FPGAs per machine.
   */
  static custom(name: string, devices: number): FpgaVmSize {
    return new FpgaVmSize(name, devices);
  }

  private constructor(
    readonly name: string,
    readonly devices: number,
  ) {}
}
