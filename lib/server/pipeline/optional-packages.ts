import { createRequire } from 'node:module';

import type { EngineStage } from './engine/engine';
import { StageNotSupportedError } from './pipeline-errors';
import type { PipelinePlan } from './plan';

const requireHere = createRequire(__filename);

const TENSORFLOW = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-converter', '@tensorflow/tfjs-backend-wasm'];

/**
 * Loads a package that only some stages need, so that users without such a stage do not have to install it.
 * @param stage name of the stage that needs it, for the message
 * @param name the package, or a file in it
 * @throws StageNotSupportedError with the package to install if it cannot be loaded
 */
export function loadOptionalPackage(stage: string, name: string): unknown {
  try {
    return requireHere(name);
  } catch (error) {
    const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
    const isMissing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    const reason = isMissing
      ? 'is not installed'
      : `cannot be loaded (${(error as Error).message.split('\n')[0] ?? ''})`;
    throw new StageNotSupportedError(
      stage,
      `it needs the package ${packageName}, which ${reason}; run \`npm install --ignore-scripts ${packageName}\``,
    );
  }
}

/**
 * Checks that TensorFlow.js, which runs what onnxruntime cannot, is installed.
 * @param reason why the stage needs it
 * @throws StageNotSupportedError with one command that installs all missing packages
 */
export function requireTfjs(stage: string, reason: string): void {
  const missing = TENSORFLOW.filter((name) => !resolves(name));
  if (missing.length > 0) {
    throw new StageNotSupportedError(
      stage,
      `${reason}, so that it needs TensorFlow.js, which is not installed; run \`npm install --ignore-scripts ${missing.join(' ')}\``,
    );
  }
}

interface Need {
  readonly stage: string;
  readonly packages: readonly string[];
}

/**
 * Checks that the packages that a plan's stages need are installed. Checks all of them at once, so that several missing
 * packages do not cost one deployment each.
 * @param isInstalled @default - whether Node.js resolves the package from here
 * @throws StageNotSupportedError with one command that installs all missing packages
 */
export function requirePackages(plan: PipelinePlan, isInstalled: (name: string) => boolean = resolves): void {
  const needs: Need[] = [
    ...plan.steps.flatMap((step) =>
      step.runsIn === 'workers'
        ? [
            ...(step.image ? [{ stage: step.image.name, packages: ['sharp'] }] : []),
            ...step.stages.map(needOf),
          ]
        : [],
    ),
  ];
  const missing = new Set(needs.flatMap(({ packages }) => packages).filter((name) => !isInstalled(name)));
  const first = needs.find(({ packages }) => packages.some((name) => missing.has(name)));
  if (first) {
    const names = [...missing];
    throw new StageNotSupportedError(
      first.stage,
      `${names.length === 1 ? 'the package' : 'the packages'} ${names.join(', ')} ` +
        `${names.length === 1 ? 'is' : 'are'} not installed; run \`npm install --ignore-scripts ${names.join(' ')}\``,
    );
  }
}

function needOf({ engine, stage }: EngineStage): Need {
  switch (engine) {
    case 'onnx':
    case 'tensorflow':
    case 'keras':
      return { stage, packages: ['onnxruntime-node'] };
  }
}

function resolves(name: string): boolean {
  return resolveOptionalFile(name) !== undefined;
}

/** Finds a file of a package that improves the service but is not required. */
export function resolveOptionalFile(name: string): string | undefined {
  try {
    return requireHere.resolve(name);
  } catch {
    return undefined;
  }
}
