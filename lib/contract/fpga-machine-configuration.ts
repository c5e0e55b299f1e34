import * as z from 'zod';

import { FPGA_CONFIGURATION_VERSION } from './fpga-machine-layout';
import { serveConfigurationSchema } from './serve-configuration';

const keyVaultUrl = z.string();

/**
 * User data of an FPGA virtual machine: the configuration that `machine/fpga/configure` applies. The shell scripts read
 * it with jq; a test checks that they and this schema use the same fields.
 */
export const fpgaMachineConfigurationSchema = z.strictObject({
  /** Version of the scripts that the configuration is written for. */
  version: z.literal(FPGA_CONFIGURATION_VERSION),
  /** Client id of the managed identity that pulls images and reads secrets. */
  identityClientId: z.string(),
  /** Container registries that require a login, as `https://<name>`. */
  registries: z.array(z.string()),
  scoring: z.strictObject({
    image: z.string(),
    /** Port of the virtual machine. */
    port: z.number(),
    /** Address of the virtual machine on which its health port is published; the loopback address if it is absent. */
    healthAddress: z.string().optional(),
  }),
  accelerator: z.strictObject({
    image: z.string(),
    /** Number of FPGAs. */
    devices: z.number(),
    entrypoint: z.string().optional(),
    args: z.array(z.string()),
    environment: z.record(z.string(), z.string()),
  }),
  /** Key Vault URLs of the certificate and the keys. */
  secrets: z
    .strictObject({
      certificate: z.union([
        z.strictObject({ chain: keyVaultUrl, privateKey: keyVaultUrl }),
        /** Certificate and private key in one secret, which is how Key Vault stores certificates. */
        z.strictObject({ bundle: keyVaultUrl }),
      ]),
      keys: z.strictObject({ primary: keyVaultUrl, secondary: keyVaultUrl }).optional(),
      /**
       * Changes with every secret that the stack writes. The scripts compare the whole configuration, so they fetch the
       * secrets again.
       */
      revision: z.string().optional(),
    })
    .optional(),
  /** Configuration of the scoring server, which the scripts pass on unchanged. */
  server: serveConfigurationSchema,
});

/** The user data as a stack writes it. */
export type FpgaMachineConfiguration = z.input<typeof fpgaMachineConfigurationSchema>;

/** Key Vault URLs of the certificate and the keys. */
export type FpgaSecretUrls = NonNullable<FpgaMachineConfiguration['secrets']>;
