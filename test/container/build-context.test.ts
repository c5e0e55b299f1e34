import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { PredictionClient } from '../../lib/client';
import { buildContext, CONFIGURATION_FILE, HEALTH_PORT, MODEL_FILE, SERVICE_PORT } from '../../lib/container';
import { ServiceDefinition, Stage } from '../../lib/service-definition';
import { afterwards } from '../support/cleanup';
import { freePort } from '../support/free-port';
import { sampleImage, sampleServiceDefinition, TIGER_CAT } from '../support/sample-service-definition';
import { until } from '../support/until';

const root = path.resolve(__dirname, '../..');

describe('buildContext', () => {
  let folder: string;
  beforeEach(() => {
    // Where Node finds the packages that an image would have installed.
    folder = mkdtempSync(path.join(root, 'node_modules/.context-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function unpack(serviceDefinition = sampleServiceDefinition()): void {
    const bytes = buildContext({
      modelName: 'flowers',
      modelVersion: '7',
      definition: serviceDefinition._content.definition,
      zip: serviceDefinition._toZip(),
      baseImage: 'some/node:24',
    });
    writeFileSync(path.join(folder, 'context.tar'), bytes);
    execFileSync('tar', ['-xf', 'context.tar'], { cwd: folder });
    rmSync(path.join(folder, 'context.tar'));
  }

  function read(file: string): string {
    return readFileSync(path.join(folder, file), 'utf8');
  }

  const dependencies = () =>
    (JSON.parse(read('package.json')) as { dependencies: Record<string, string> }).dependencies;

  it('asks for the packages that the stages need, in the versions that are installed here, and no others', () => {
    unpack();
    const versionOf = (name: string) =>
      (
        JSON.parse(readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
          version: string;
        }
      ).version;
    expect(dependencies()).toMatchObject({
      commander: versionOf('commander'),
      'onnxruntime-node': versionOf('onnxruntime-node'),
      sharp: versionOf('sharp'),
      '@tensorflow/tfjs-core': versionOf('@tensorflow/tfjs-core'),
    });
    expect(dependencies()).not.toHaveProperty('@tensorflow/tfjs-layers');
    expect(dependencies()).not.toHaveProperty('cdktf');
    unpack(new ServiceDefinition({ stages: [Stage.image()] }));
    expect(dependencies()).not.toHaveProperty('onnxruntime-node');
  });

  it('has no constructs, no types and no absolute path of this machine', () => {
    unpack(new ServiceDefinition({ stages: [Stage.image()] }));
    const files = readdirSync(folder, { recursive: true }).map(String);
    expect(files.filter((file) => /dist.constructs|\.d\.ts$|tsbuildinfo/.test(file))).toEqual([]);
    for (const file of ['Dockerfile', 'package.json', 'configuration.json']) {
      expect(read(file)).not.toContain(root);
    }
  });

  it('runs as an unprivileged user, checks its health, and starts the server', () => {
    unpack(new ServiceDefinition({ stages: [Stage.image()] }));
    const dockerfile = read('Dockerfile');
    expect(dockerfile).toMatch(/^FROM some\/node:24 AS packages$/m);
    expect(dockerfile).toMatch(/^USER 65532:65532$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile).toContain(`"health","--config","${CONFIGURATION_FILE}"`);
    expect(dockerfile).toContain(`CMD ["serve","--config","${CONFIGURATION_FILE}"]`);
    // Whatever comes after the user is set belongs to nobody as well: nothing is written or copied there.
    expect(dockerfile.slice(dockerfile.indexOf('USER '))).not.toMatch(/^(RUN|COPY|ADD) /m);
    const configuration = JSON.parse(read('configuration.json')) as { model: { path: string } };
    expect(configuration).toMatchObject({
      model: { name: 'flowers', version: '7' },
      host: '0.0.0.0',
      port: SERVICE_PORT,
      healthPort: HEALTH_PORT,
    });
    expect(path.posix.resolve(path.posix.dirname(CONFIGURATION_FILE), configuration.model.path)).toBe(
      MODEL_FILE,
    );
  });

  it('scores with what is packed, passes its health check, and writes nothing', async () => {
    unpack();
    const configuration = {
      model: { name: 'flowers', version: '7', path: 'model/service-definition.zip' },
      port: 0,
      healthPort: await freePort(),
    };
    writeFileSync(path.join(folder, 'configuration.json'), JSON.stringify(configuration));
    const before = listing(folder);
    const main = 'dist/lib/cli/main.js';
    const server = spawn(process.execPath, [main, 'serve', '--config', 'configuration.json'], {
      cwd: folder,
    });
    afterwards(() => server.kill('SIGKILL'));
    let log = '';
    server.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    await until(() => log.includes('"ready"'));
    const health = [main, 'health', '--config', 'configuration.json'];
    await promisify(execFile)(process.execPath, health, { cwd: folder });
    const port = /"message":"listening".*"port":(\d+)/.exec(log)![1];
    const client = new PredictionClient({ address: `127.0.0.1:${port}`, plaintext: true });
    afterwards(() => {
      client.close();
    });
    const [best] = await client.classify(sampleImage('chelsea.png'));
    expect(best.classIndex).toBe(TIGER_CAT);
    expect(listing(folder)).toEqual(before);
  });
});

function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}
