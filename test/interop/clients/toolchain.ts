import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { preparePython } from '../python-environment';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../../..');

export const clients = path.join(root, 'examples/clients');

const BIN = path.join(root, 'node_modules/.cache/cdktf-brainwave-interop/go-bin');
const GO_TOOLS = [
  'google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.10',
  'google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.0',
  'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4',
];

/** How a client is started; what it is to do comes behind its arguments. */
export interface Client {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Builds each example's client, as its documentation says. */
export const builds: Readonly<Record<string, () => Promise<Client>>> = {
  python: async () => {
    const { python, stubs } = await preparePython(() => undefined);
    const env = { PYTHONPATH: stubs, PYTHONDONTWRITEBYTECODE: '1', GRPC_VERBOSITY: 'ERROR' };
    return { file: python, args: [path.join(clients, 'python/score.py')], env };
  },
  go: async () => {
    await installGoTools();
    const { python } = await preparePython(() => undefined);
    const env = withTools({ PROTOC: `${python} -m grpc_tools.protoc` });
    await run(path.join(clients, 'go/generate.sh'), { env });
    const file = path.join(BIN, 'score');
    await run('go', ['build', '-o', file, '.'], { cwd: path.join(clients, 'go') });
    return { file, args: [], env: {} };
  },
  java: async () => {
    const cwd = path.join(clients, 'java');
    const goals = ['package', 'dependency:build-classpath', '-Dmdep.outputFile=target/classpath'];
    await run('mvn', ['--quiet', '--batch-mode', ...goals], { cwd });
    const { stdout } = await run('cat', ['target/classpath'], { cwd });
    const classpath = [path.join(cwd, 'target/classes'), stdout.trim()].join(path.delimiter);
    return { file: 'java', args: ['-cp', classpath, 'scoring.Score'], env: {} };
  },
  grpcurl: async () => {
    await installGoTools();
    return { file: path.join(clients, 'grpcurl/score.sh'), args: [], env: withTools({}) };
  },
};

let installed: Promise<unknown> | undefined;

function installGoTools(): Promise<unknown> {
  installed ??= mkdir(BIN, { recursive: true }).then(async () => {
    for (const tool of GO_TOOLS) {
      await run('go', ['install', tool], { env: { ...process.env, GOBIN: BIN } });
    }
  });
  return installed;
}

function withTools(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, ...env, PATH: `${BIN}${path.delimiter}${process.env.PATH ?? ''}` };
}
