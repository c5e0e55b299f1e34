import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { SERVER_FILES } from '../../lib/contract/folder-layout';
import { fpgaMachineConfigurationSchema } from '../../lib/contract/fpga-machine-configuration';
import {
  ACCELERATOR_HOST,
  FPGA_CONFIGURATION_VERSION,
  PROBE_PORT,
} from '../../lib/contract/fpga-machine-layout';
import { CONFIGURATION_FOLDER, IMAGE_USER } from '../../lib/contract/image-layout';

const folder = path.resolve(__dirname, '../../machine/fpga');
const scripts = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
);
const all = Object.values(scripts).join('\n');

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
}

/** Every path of a schema: `.secrets`, `.secrets.certificate`, … */
function pathsOf(schema: JsonSchema, prefix = ''): string[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    `${prefix}.${name}`,
    ...pathsOf(property, `${prefix}.${name}`),
  ]);
  return [...below, ...(schema.anyOf ?? []).flatMap((each) => pathsOf(each, prefix))];
}

/** The paths in the jq expressions that the scripts apply to the machine's configuration. */
function pathsRead(): string[] {
  const expressions = [
    ...all.matchAll(/\bsetting (?:'([^']+)'|(\.[\w.]+))/g),
    ...all.matchAll(/\bjq [^|\n]*?'([^']+)' "\$(?:settings|next)"/g),
  ].map(([, quoted, bare]: (string | undefined)[]) => (quoted ?? bare ?? '').split('|')[0]);
  return [...new Set(expressions.flatMap((each) => each.match(/(?:\.[A-Za-z]+)+/g) ?? []))].sort();
}

const declared = pathsOf(z.toJSONSchema(fpgaMachineConfigurationSchema, { io: 'input' }) as JsonSchema);

describe('the scripts of an FPGA virtual machine and the configuration that a stack writes', () => {
  it('the scripts read only fields that the configuration has', () => {
    expect(declared).toEqual(expect.arrayContaining(pathsRead()));
  });

  it('the scripts read every field but those of the server, and the revision, which only has to differ', () => {
    const leaves = declared.filter(
      (each) =>
        !each.startsWith('.server') &&
        each !== '.secrets.revision' &&
        !declared.some((other) => other.startsWith(`${each}.`)),
    );
    expect(pathsRead()).toEqual(expect.arrayContaining([...leaves, '.server']));
  });

  it('a change is looked for in fields that the configuration has', () => {
    const compared = [...all.matchAll(/\bchanged (?:'([^']+)'|(\.[\w.]+))/g)].flatMap(
      ([, quoted, bare]: (string | undefined)[]) => (quoted ?? bare ?? '').match(/(?:\.[A-Za-z]+)+/g) ?? [],
    );
    expect(compared).not.toHaveLength(0);
    expect(declared).toEqual(expect.arrayContaining(compared));
  });

  it('the scripts accept the version that is written', () => {
    expect(scripts.configure).toContain(`'.version == ${FPGA_CONFIGURATION_VERSION}'`);
  });

  it('the scripts and the server name the files alike', () => {
    const { configuration, certificate, privateKey, keys } = SERVER_FILES;
    const named = [...all.matchAll(/\$serve_folder\/([\w.-]+)/g)].map(([, name]) => name);
    expect(new Set(named)).toEqual(new Set([configuration]));
    expect(scripts['common.sh']).toContain(`for file in ${certificate} ${privateKey} ${keys}; do`);
    for (const file of [certificate, privateKey, keys]) {
      expect(scripts['common.sh']).toContain(`>"$folder/${file}"`);
    }
    expect(scripts['brainwave-scoring-server.service']).toContain(`/run/brainwave/serve/${configuration}\n`);
  });

  it('the keys are written under the names that the server reads', () => {
    expect(scripts['common.sh']).toContain(
      '{primaryKey: $primary[0].value, secondaryKey: $secondary[0].value}',
    );
  });

  it('the container finds its configuration, and its user may read it', () => {
    expect(scripts['run-scoring-server']).toContain(`--volume "$serve_folder:${CONFIGURATION_FOLDER}:ro"`);
    expect(scripts['common.sh']).toContain(`owner=\${BRAINWAVE_OWNER:-${IMAGE_USER}:${IMAGE_USER}}\n`);
  });

  it('the scoring server finds the accelerator, and the load balancer the probe', () => {
    expect(scripts['run-accelerator']).toContain(`--network-alias ${ACCELERATOR_HOST} `);
    expect(scripts['brainwave-health.socket']).toContain(`ListenStream=${PROBE_PORT}\n`);
  });
});
