/**
 * Version of the scripts in `machine/fpga` that user data is written for. Machines with scripts of another version
 * refuse it.
 */
export const FPGA_CONFIGURATION_VERSION = 1;

/** Port on which an FPGA virtual machine answers the load balancer's health probe. */
export const PROBE_PORT = 8082;

/** Host name of the accelerator's container in the machine's container network. */
export const ACCELERATOR_HOST = 'accelerator';
