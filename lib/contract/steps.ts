import { z } from 'zod';

import { messageOf } from '../errors/message-of';
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

/** The smoke test checks its options itself: its messages name them as the user does. */
const smokeTest = z.custom<SmokeTestInput>().transform((value, context): SmokeTestFile => {
  try {
    return parseTestFile(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
});

/**
 * The steps that Terraform runs at apply and destroy, with the schema of each one's specification. Constructs write
 * specifications of the type `StepInput`; the provisioner parses them with these schemas.
 */
export const stepSchemas = {
  'register-model': z.strictObject({
    ...modelIdentity,
    version: z.string(),
    /** SHA-256 of the service definition's zip, in hexadecimal. */
    sha256: z.string(),
    /** The service definition's zip, relative to the stack's folder, in which Terraform runs. */
    path: z.string(),
    tags: z.record(z.string(), z.string()),
  }),
  'remove-model': z.strictObject(modelIdentity),
  'reserve-workload': z.strictObject({ kind, ...workloadAddress }),
  'remove-workload': workloadSchema,
  'write-workload-keys': workloadSchema,
  'configure-workload': z.discriminatedUnion('kind', [
    serviceSpecificationSchema,
    endpointSpecificationSchema,
  ]),
  'write-smoke-test-keys': z.strictObject({ name: z.string() }),
  'smoke-test': z.strictObject({
    test: smokeTest,
    /** The JSON report, relative to the project's folder. */
    reportFile: z.string(),
    /** Further reports, each in the format of its extension. */
    reports: z.array(z.string()).optional(),
    /** Name of the test whose keys were written for this run and are removed after it. */
    temporaryKeys: z.string().optional(),
  }),
} as const;

export type StepName = keyof typeof stepSchemas;

/** A step's specification as a construct writes it. Tokens stand where Terraform fills in values. */
export type StepInput<N extends StepName> = z.input<(typeof stepSchemas)[N]>;

/** A step's specification as the step receives it. */
export type StepSpecification<N extends StepName> = z.output<(typeof stepSchemas)[N]>;
