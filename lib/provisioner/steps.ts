import path from 'node:path';

import { z } from 'zod';

import { LocalEndpoint } from '../entry-script/local-endpoint';
import { localEndpointSpecificationSchema } from '../entry-script/local-endpoint-specification';
import { BrainwaveError } from '../errors/brainwave-error';
import { LocalService } from '../local/local-service';
import { localServiceSpecificationSchema } from '../local/local-service-specification';
import { ModelRegistry } from '../local/model-registry';
import { findProjectFolder, findStateFolder } from '../local/project-folder';
import { writeKeys } from '../local/service-keys';
import { SmokeTestKeys } from '../local/smoke-test-keys';
import { smokeTestFileSchema } from '../smoke-test/smoke-test-file';
import { targetSchema } from '../smoke-test/target-schema';
import { reportFormatOf } from '../smoke-test/reports/report-format';
import type { TextReportOptions } from '../smoke-test/reports/text';

/** The specification that a stack handed to a step is not one. */
export class StepError extends BrainwaveError {
  readonly code = 'STEP_INVALID';
}

const modelSchema = z.strictObject({ registry: z.string(), name: z.string() });
const modelVersionSchema = z.strictObject({
  registry: z.string(),
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  /** The zip, relative to the stack's folder, in which Terraform runs. */
  path: z.string(),
  tags: z.record(z.string(), z.string()),
});
const serviceSchema = z.strictObject({ name: z.string() });
const addressSchema = z.strictObject({
  name: z.string(),
  address: z.string(),
  port: z.coerce.number().int(),
});
const smokeTestSchema = z.strictObject({
  test: smokeTestFileSchema.extend({ target: targetSchema }),
  reportFile: z.string(),
  /** Further reports, each in the format that its ending says. */
  reports: z.array(z.string()).optional(),
  /** The test whose keys were written for this run, and are removed after it. */
  temporaryKeys: z.string().optional(),
});

/** What a step is given. */
export interface StepContext {
  readonly specification: unknown;
  readonly env: NodeJS.ProcessEnv;
  readonly write: (line: string) => void;
}

type Step = (context: StepContext) => Promise<void>;

/** The steps that Terraform runs, by the names that the constructs call them by. */
export const steps: ReadonlyMap<string, Step> = new Map<string, Step>([
  ['register-model', registerModel],
  ['remove-model', removeModel],
  ['reserve-service', reserveService],
  ['remove-service', removeService],
  ['write-keys', writeServiceKeys],
  ['configure-service', configureService],
  ['reserve-endpoint', reserveEndpoint],
  ['remove-endpoint', removeEndpoint],
  ['write-endpoint-keys', writeEndpointKeys],
  ['configure-endpoint', configureEndpoint],
  ['write-smoke-test-keys', writeSmokeTestKeys],
  ['smoke-test', smokeTest],
]);

async function registerModel({ specification, write }: StepContext): Promise<void> {
  const { registry, path: zip, ...model } = parse(modelVersionSchema, specification);
  await new ModelRegistry(inProject(registry)).register(model, zip);
  write(`model ${model.name} version ${model.version} is registered in ${registry}`);
}

async function removeModel({ specification, write }: StepContext): Promise<void> {
  const { registry, name } = parse(modelSchema, specification);
  await new ModelRegistry(inProject(registry)).remove(name);
  write(`model ${name} is removed from ${registry}`);
}

async function reserveService({ specification }: StepContext): Promise<void> {
  const { name, address, port } = parse(addressSchema, specification);
  await localService(name).reserve(address, port);
}

async function removeService({ specification, write }: StepContext): Promise<void> {
  const { name } = parse(serviceSchema, specification);
  await localService(name).down(write);
}

async function writeServiceKeys({ specification, env }: StepContext): Promise<void> {
  const { name } = parse(serviceSchema, specification);
  const keys = keysOf(env, `service "${name}"`);
  await writeKeys(await localService(name).createFolder(), keys);
}

async function writeSmokeTestKeys({ specification, env }: StepContext): Promise<void> {
  const { name } = parse(serviceSchema, specification);
  await smokeTestKeys(name).write(keysOf(env, `the service that smoke test "${name}" calls`));
}

function keysOf(env: NodeJS.ProcessEnv, whose: string): { primaryKey: string; secondaryKey: string } {
  const { CDKTF_BRAINWAVE_PRIMARY_KEY: primaryKey, CDKTF_BRAINWAVE_SECONDARY_KEY: secondaryKey } = env;
  if (!primaryKey || !secondaryKey) {
    throw new StepError(`the primary or the secondary key of ${whose} is empty; set its variables`);
  }
  return { primaryKey, secondaryKey };
}

async function configureService({ specification, write }: StepContext): Promise<void> {
  const parsed = parse(localServiceSpecificationSchema, specification);
  await localService(parsed.name).up(parsed, write);
}

async function reserveEndpoint({ specification }: StepContext): Promise<void> {
  const { name, address, port } = parse(addressSchema, specification);
  await localEndpoint(name).reserve(address, port);
}

async function removeEndpoint({ specification, write }: StepContext): Promise<void> {
  const { name } = parse(serviceSchema, specification);
  await localEndpoint(name).down(write);
}

async function writeEndpointKeys({ specification, env }: StepContext): Promise<void> {
  const { name } = parse(serviceSchema, specification);
  const keys = keysOf(env, `endpoint "${name}"`);
  await writeKeys(await localEndpoint(name).createFolder(), keys);
}

async function configureEndpoint({ specification, write }: StepContext): Promise<void> {
  const parsed = parse(localEndpointSpecificationSchema, specification);
  await localEndpoint(parsed.name).up(parsed, write);
}

async function smokeTest({ specification, write }: StepContext): Promise<void> {
  const parsed = parse(smokeTestSchema, specification);
  try {
    await runSmokeTestOf(parsed, write);
  } finally {
    if (parsed.temporaryKeys !== undefined) {
      await smokeTestKeys(parsed.temporaryKeys).remove();
    }
  }
}

async function runSmokeTestOf(
  { test, reportFile, reports = [] }: z.infer<typeof smokeTestSchema>,
  write: StepContext['write'],
): Promise<void> {
  const { optionsOf, runSmokeTest, SmokeTestError, TextReport, writeReports } =
    await import('../smoke-test/index.js');
  const text = new TextReport(textOptions(write));
  const options = await optionsOf(test, process.cwd(), findProjectFolder());
  const report = await runSmokeTest({ ...options, onEvent: text.onEvent });
  await writeReports(
    report,
    [reportFile, ...reports].map((file) => ({
      format: reportFormatOf(file) ?? 'json',
      file: inProject(file),
    })),
  );
  text.finish(report);
  write(`report: ${[reportFile, ...reports].join(', ')}`);
  if (!report.passed) {
    throw new SmokeTestError('EXPECTATION_FAILED', `smoke test failed: ${report.failure?.message ?? ''}`);
  }
}

function textOptions(write: StepContext['write']): TextReportOptions {
  return {
    write: (lines) => {
      write(lines.trimEnd());
    },
    width: 72,
    color: false,
  };
}

function smokeTestKeys(name: string): SmokeTestKeys {
  return new SmokeTestKeys(findStateFolder(), name);
}

function localService(name: string): LocalService {
  return new LocalService(name, findStateFolder(), findProjectFolder());
}

function localEndpoint(name: string): LocalEndpoint {
  return new LocalEndpoint(name, findStateFolder(), findProjectFolder());
}

function inProject(file: string): string {
  return path.resolve(findProjectFolder(), file);
}

function parse<T>(schema: z.ZodType<T>, specification: unknown): T {
  const parsed = schema.safeParse(specification);
  if (!parsed.success) {
    throw new StepError(
      `this step's specification is not one (${z.prettifyError(parsed.error)}); ` +
        'synthesize the stack with the version of cdktf-brainwave that is installed',
    );
  }
  return parsed.data;
}
