import { z } from 'zod';

import { keysSpecificationSchema, tlsSpecificationSchema } from '../local/local-service-specification';

/** What a stack declares of an endpoint on this machine; it travels to the provisioner as JSON, without secrets. */
export const localEndpointSpecificationSchema = z.strictObject({
  name: z.string(),
  /** Where the endpoint listens. */
  address: z.string(),
  port: z.coerce.number().int().min(0).max(65_535),
  /** The folder with the entry script. */
  code: z.string(),
  /** The script in it. */
  entryScript: z.string(),
  /** A folder or a file, which the script finds by this name in `AZUREML_MODEL_DIR`. */
  model: z.strictObject({ path: z.string(), name: z.string() }),
  /** The file that lists the packages, as pip takes it. */
  requirements: z.string(),
  /** Processes that score. */
  workers: z.coerce.number().int().min(1),
  /** Variables for the script; they are no place for secrets. */
  environment: z.record(z.string(), z.string()),
  maxRequestBytes: z.coerce.number().int().min(1),
  tls: tlsSpecificationSchema.optional(),
  keys: keysSpecificationSchema.optional(),
});

export type LocalEndpointSpecification = z.infer<typeof localEndpointSpecificationSchema>;

/**
 * What an endpoint was last told to be, kept beside it so that `local up` can start it again: its paths are those of the
 * endpoint's own copies, relative to its folder.
 */
export const deployedEndpointSchema = localEndpointSpecificationSchema.extend({
  /** Names the model's content. */
  modelVersion: z.string(),
});

export type DeployedEndpoint = z.infer<typeof deployedEndpointSchema>;
