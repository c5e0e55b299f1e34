/**
 * A size of virtual machine with FPGAs.
 *
 * Source: "NP family FPGA-accelerated VM size series".
 */
export class FpgaVmSize {
  /** One Alveo U250, 10 virtual CPUs, 168 GiB. */
  static readonly NP10S = new FpgaVmSize('Standard_NP10s', 1);
  /** Two Alveo U250, 20 virtual CPUs, 336 GiB. */
  static readonly NP20S = new FpgaVmSize('Standard_NP20s', 2);
  /** Four Alveo U250, 40 virtual CPUs, 672 GiB. */
  static readonly NP40S = new FpgaVmSize('Standard_NP40s', 4);

  /**
   * A size that has come since.
   * @param name as Azure has it, `Standard_NP10s`
   * @param devices FPGAs of one machine
   */
  static custom(name: string, devices: number): FpgaVmSize {
    return new FpgaVmSize(name, devices);
  }

  private constructor(
    readonly name: string,
    readonly devices: number,
  ) {}
}
