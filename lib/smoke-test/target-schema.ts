import { z } from 'zod';

import { parseScoringUri } from './scoring-uri';
import type { SmokeTestTarget } from './smoke-test-options';

const common = {
  serverName: z.string().optional(),
  connectTo: z.string().optional(),
  expectedAddress: z.string().optional(),
  resolvers: z.array(z.string()).optional(),
  keyFile: z.string().optional(),
  rootCertificateFile: z.string().optional(),
  certificateFile: z.string().optional(),
  clientCertificateFile: z.string().optional(),
  clientKeyFile: z.string().optional(),
};

const addressed = z.strictObject({
  protocol: z.enum(['grpc', 'http']).optional(),
  host: z.string().min(1),
  port: z.coerce.number().int().min(1).max(65_535),
  tls: z.boolean(),
  path: z.string().optional(),
  model: z.string().optional(),
  modelVersion: z.string().optional(),
  ...common,
});

const byUri = z
  .strictObject({ scoringUri: z.string(), ...common })
  .transform(({ scoringUri, ...rest }, context): SmokeTestTarget => {
    try {
      return { ...parseScoringUri(scoringUri), ...rest };
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/**
 * A smoke test's target as stacks' outputs and files hold it, by its host and port or by an endpoint's scoring URI.
 * Terraform makes texts of numbers on their way through templates, so texts of numbers are taken for them.
 */
export const targetSchema = z.union([addressed, byUri]);
