import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { App, LocalBackend, TerraformStack } from 'cdktf';

import { ServiceDefinition, Stage } from '../../../constructs';
import { onnxModel } from '../../server/pipeline/support/onnx-model';

const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const root = path.resolve(__dirname, '../../..');

/** Below the repository, so that the package is found, in a folder that git ignores. */
export function testFolder(): string {
  const parent = path.join(root, '.cdktf-brainwave/tests');
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(path.join(parent, 'project-'));
}

/** A project of a user's, in whose folder the test works until it leaves. */
export class TestProject {
  readonly folder = testFolder();
  private readonly before = process.cwd();

  constructor() {
    this.write('package.json', '{"private": true}\n');
    mkdirSync(path.join(this.folder, 'node_modules'));
    process.chdir(this.folder);
  }

  leave(): void {
    process.chdir(this.before);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Writes a file and returns its path, relative to the project's folder. */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return name;
  }

  app(): App {
    return new App({ outdir: path.join(this.folder, 'cdktf.out') });
  }

  stack(name = 'stack', app = this.app()): TerraformStack {
    const stack = new TerraformStack(app, name);
    new LocalBackend(stack, { path: `../../../${name}.tfstate` });
    return stack;
  }

  /** A model of three classes, which never runs: it is only declared. */
  definition({ op = 'Identity', labels = 'cat\ndog\nfox\n' } = {}): ServiceDefinition {
    const bytes = onnxModel({
      op,
      inputs: [{ name: 'x', shape: ['n', 224, 224, 3] }],
      outputs: [{ name: 'y', shape: ['n', 3] }],
    });
    const file = this.write('classifier.onnx', bytes);
    return new ServiceDefinition({
      stages: [
        Stage.image(),
        Stage.onnx({ name: 'classifier', path: file, inputTensor: 'x', outputTensor: 'y' }),
      ],
      ...(labels !== '' && { labels: this.write('labels.txt', labels) }),
    });
  }

  /** A file with the first bytes of a PNG; nothing decodes it at synth. */
  image(name = 'images/cat.png', content = 'an image'): string {
    return this.write(name, Buffer.concat([PNG_SIGNATURE, Buffer.from(content)]));
  }
}
