import * as z from 'zod';

import { messageOf } from '../errors/brainwave-error';
import { parseTestFile, type SmokeTestFile, type SmokeTestInput } from '../smoke-test/parse-options';
import { WORKLOAD_KINDS } from './folder-layout';
import {
  endpointSpecificationSchema,
  serviceSpecificationSchema,
  workloadAddress,
} from './workload-specification';

const kind = z.enum(WORKLOAD_KINDS);
const workloadSchema = z.strictObject({ kind, name: z.string() });
const modelIdentity = {
  /** The model registry's folder, relative to the project's folder. */
  registry: z.string(),
  name: z.string(),
};

const temporarySecrets = {
  /** Names of the secrets that were written for this run and are removed afterwards. */
  temporarySecrets: z.array(z.string()).optional(),
};
/** Access to a cluster. The file is relative to the project's folder, or starts with `~` or `/`. */
const kubeconfig = z.strictObject({ file: z.string(), context: z.string().optional() });

const revisionPods = {
  namespace: z.string(),
  /** Value of the pods' label with the revision. */
  revision: z.string(),
};

/** The smoke test validates its own options, because its messages use the names that the user set. */
const smokeTest = z.custom<SmokeTestInput>().transform((value, context): SmokeTestFile => {
  try {
    return parseTestFile(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
});

/**
 * Steps that Terraform runs at apply and destroy, each with the schema of its specification. Constructs write
 * specifications of the type `StepInput`; the provisioner parses them with these schemas.
 */
export const stepSchemas = {
  'register-model': z.strictObject({
    ...modelIdentity,
    version: z.string(),
    /** SHA-256 of the service definition's zip, in hexadecimal. */
    sha256: z.string(),
    /** The service definition's zip, relative to the stack's folder, which is Terraform's working directory. */
    path: z.string(),
    tags: z.record(z.string(), z.string()),
  }),
  'remove-model': z.strictObject(modelIdentity),
  'reserve-workload': z.strictObject({ kind, ...workloadAddress }),
  'remove-workload': workloadSchema,
  'write-workload-keys': workloadSchema,
  /** Writes a certificate that the stack provides as a value, for the next `configure-workload`. */
  'write-workload-certificate': workloadSchema,
  'configure-workload': z.discriminatedUnion('kind', [
    serviceSpecificationSchema,
    endpointSpecificationSchema,
  ]),
  /** Writes the secrets of the next step of the same resource: keys, access to a cluster, or both. */
  'write-secrets': z.strictObject({ name: z.string() }),
  'wait-for-rollout': z.strictObject({
    ...temporarySecrets,
    kubeconfig,
    ...revisionPods,
    deployment: z.string(),
    /** Whether an autoscaler chooses the number of replicas. */
    autoscaled: z.boolean(),
  }),
  'smoke-test': z.strictObject({
    test: smokeTest,
    /** The JSON report, relative to the project's folder. */
    reportFile: z.string(),
    /** Additional reports, each in the format of its extension. */
    reports: z.array(z.string()).optional(),
    /** Who reaches the tested version, whatever the result. @default - all callers */
    callers: z.enum(['none', 'share']).optional(),
    ...temporarySecrets,
    /** Pods of the service, if the test needs access to the cluster. */
    pods: z
      .strictObject({
        kubeconfig,
        ...revisionPods,
        port: z.number().int(),
        /** Whether no caller reaches the pods yet. The test calls them instead of the target's address. */
        candidate: z.boolean(),
        /** Set if the test runs in the cluster. */
        job: z
          .strictObject({ name: z.string(), image: z.string(), imagePullSecrets: z.array(z.string()) })
          .optional(),
      })
      .optional(),
  }),
} as const;

export type StepName = keyof typeof stepSchemas;

/** Specification of a step as a construct writes it. May contain tokens, which Terraform resolves. */
export type StepInput<N extends StepName> = z.input<(typeof stepSchemas)[N]>;

/** Specification of a step as the step receives it. */
export type StepSpecification<N extends StepName> = z.output<(typeof stepSchemas)[N]>;
