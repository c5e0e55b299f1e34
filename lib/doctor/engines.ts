import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { satisfies } from 'semver';

import type { Check, Finding } from './check';
import { findInstalledPackage, readOwnManifest } from './installed-package';
import { CLIENT_PACKAGE } from './kubernetes';
import { kubernetesStacks } from './synthesized-stacks';

const run = promisify(execFile);
const LOAD_TIMEOUT_MS = 60_000;

interface Engine {
  /** What the package is needed for. */
  readonly purpose: string;
  readonly packages: readonly string[];
  /** Whether the package includes binaries, which may not match this machine. */
  readonly native: boolean;
}

const ENGINES: readonly Engine[] = [
  { purpose: 'onnx, tensorflow and keras stages', packages: ['onnxruntime-node'], native: true },
  { purpose: 'image stages', packages: ['sharp'], native: true },
  {
    purpose: 'tensorflow and keras stages that cannot be translated to ONNX',
    packages: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-converter',
      '@tensorflow/tfjs-layers',
      '@tensorflow/tfjs-backend-wasm',
    ],
    native: false,
  },
];

const KUBERNETES: Engine = { purpose: 'rollouts on Kubernetes', packages: [CLIENT_PACKAGE], native: false };

/** Checks the optional packages: running a service on this machine or deploying one to Kubernetes needs them, declaring one does not. */
export const checkEngines: Check = async ({ projectFolder }) => {
  const { peerDependencies } = await readOwnManifest();
  const engines = (await usesKubernetes(projectFolder)) ? [...ENGINES, KUBERNETES] : ENGINES;
  return Promise.all(engines.map((engine) => lookAt(engine, peerDependencies, projectFolder)));
};

/** Whether a project deploys to Kubernetes: it has synthesized such a stack, or has a package that only such a stack needs. */
async function usesKubernetes(projectFolder: string): Promise<boolean> {
  const packages = [CLIENT_PACKAGE, '@cdktf/provider-kubernetes'];
  const found = await Promise.all(packages.map((name) => findInstalledPackage(name, projectFolder)));
  return found.some(Boolean) || (await kubernetesStacks(projectFolder)).length > 0;
}

async function lookAt(
  { purpose, packages, native }: Engine,
  ranges: Readonly<Record<string, string>>,
  projectFolder: string,
): Promise<Finding> {
  const check = 'engines';
  const found = await Promise.all(packages.map((name) => findInstalledPackage(name, projectFolder)));
  const missing = packages.filter((_, index) => !found[index]);
  if (missing.length > 0) {
    const finding = `${missing.join(', ')} not installed; ${purpose} cannot run on this machine`;
    return { check, outcome: 'note', finding, remedy: installing(missing, ranges) };
  }
  const titles = packages.map((name, index) => `${name} ${found[index]?.version ?? ''}`);
  const unfit = packages.filter((name, index) => !satisfies(found[index]?.version ?? '', ranges[name]));
  if (unfit.length > 0) {
    const expected = unfit.map((name) => `${name} ${ranges[name]}`).join(', ');
    const finding = `${titles.join(', ')}; expected ${expected}`;
    return { check, outcome: 'failed', finding, remedy: installing(unfit, ranges) };
  }
  const problem = native ? await loadingProblem(packages[0], projectFolder) : undefined;
  return problem === undefined
    ? { check, outcome: 'passed', finding: titles.join(', ') }
    : {
        check,
        outcome: 'failed',
        finding: `${titles.join(', ')} cannot be loaded: ${problem}`,
        remedy: `install it on this machine: rm -r node_modules && npm ci (Node.js ${process.arch} on ${process.platform})`,
      };
}

function installing(names: readonly string[], ranges: Readonly<Record<string, string>>): string {
  // Without the script of onnxruntime-node, which downloads from a host that a firewall may block and is not needed on CPUs.
  return `npm install --ignore-scripts ${names.map((name) => `"${name}@${ranges[name]}"`).join(' ')}`;
}

/** Loads the package in a separate process, which an incompatible binary may crash. */
async function loadingProblem(name: string, projectFolder: string): Promise<string | undefined> {
  try {
    await run(process.execPath, ['-e', 'require(process.argv[1])', name], {
      cwd: projectFolder,
      timeout: LOAD_TIMEOUT_MS,
    });
    return undefined;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string | undefined };
    const said = stderr.split('\n').find((line) => /^\w*Error\b/.test(line));
    return said ?? 'its process exited without a message';
  }
}
