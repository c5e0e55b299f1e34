import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

import { LocalBackend, TerraformStack } from 'cdktf';

import {
  BrainwaveWebservice,
  LocalCompute,
  LocalWorkspace,
  RegisteredModel,
  Sample,
  SmokeTest,
} from '../../constructs';
import { listenOn } from '../support/free-port';
import { sampleServiceDefinition } from '../support/sample-service-definition';
import { interrupt, leftOf, MOMENTS, processesOf } from './interruption';
import { images } from './sample';
import { freePort, TerraformProject } from './terraform-project';
import { declareTinyService } from './tiny-service';

let project: TerraformProject;
let port: number;

beforeEach(async () => {
  project = new TerraformProject();
  port = await freePort();
});

afterEach(async () => {
  await project.remove();
});

async function deploy(): Promise<void> {
  project.synth((stack) => declareTinyService(stack, { port }));
  await project.init();
  const { ok, output } = await project.apply();
  if (!ok) {
    throw new Error(output);
  }
}

describe('an interrupted run', () => {
  const chosen = [
    { signal: 'SIGKILL', during: 'create', name: 'its process started' },
    { signal: 'SIGINT', during: 'update', name: 'its process told' },
    { signal: 'SIGKILL', during: 'destroy', name: 'its process told' },
  ] as const;

  it.each(chosen)(
    'of $during, by $signal ($name), is made good by the next apply, and the next destroy leaves nothing',
    async ({ signal, during, name }) => {
      const moment = MOMENTS.find((each) => each.during === during && each.name === name);

      const { expectedVersion, ...found } = await interrupt(moment!, signal);

      expect(found).toEqual({
        hasChanges: false,
        ready: true,
        modelVersion: expectedVersion,
        processes: 1,
        left: [],
      });
    },
  );
});

it('a second apply on one state is rejected with who holds it, and the first continues', async () => {
  project.synth((stack) => declareTinyService(stack, { port }));
  await project.init();
  const first = await project.start('apply', '-auto-approve', '-input=false');
  await first.wrote(/Creating\.\.\./);
  first.signal('SIGSTOP');

  const second = await project.apply();

  first.signal('SIGCONT');
  expect(second.ok).toBe(false);
  expect(second.output).toContain('Error acquiring the state lock');
  expect(second.output).toMatch(/Who:\s+\S+@\S+/);
  expect(await first.ended).toMatchObject({ ok: true });
  expect(await project.service()).toMatchObject({ ready: true, port });
});

describe('two stacks on one port', () => {
  const stacks = ['blue', 'green'];

  it('are told apart: the second apply fails naming the first service, which continues', async () => {
    for (const name of stacks) {
      // An app of its own: of one app the synth refuses it.
      project.synthApp((app) => {
        const stack = new TerraformStack(app, name);
        new LocalBackend(stack, { path: `../../../${name}.tfstate` });
        declareTinyService(stack, { port, modelName: name });
      });
      await project.terraformIn(name, {}, 'init', '-input=false');
    }
    const apply = (name: string) => project.terraformIn(name, {}, 'apply', '-auto-approve', '-input=false');
    expect(await apply('blue')).toMatchObject({ ok: true });
    const before = await project.service();

    const { ok, output } = await apply('green');

    expect(ok).toBe(false);
    expect(oneLine(output)).toContain(
      `port ${port} on 127.0.0.1 is in use by the local service "${before.name}"; stop it ` +
        `(\`cdktf-brainwave local down ${before.name}\`), or set another port: new LocalCompute({ port: … })`,
    );
    expect(await project.services()).toMatchObject([{ name: before.name, pid: before.pid, ready: true }]);
    // The way out: the first goes, and the second has its port.
    await project.terraformIn('blue', {}, 'destroy', '-auto-approve', '-input=false');
    expect(await apply('green')).toMatchObject({ ok: true });
  });

  it('of two projects are told apart, too: the message names the other project', async () => {
    await deploy();
    const other = new TerraformProject();
    try {
      other.synth((stack) => declareTinyService(stack, { port }));
      await other.init();

      const { ok, output } = await other.apply();

      expect(ok).toBe(false);
      expect(oneLine(output)).toContain(`of another project (${project.folder})`);
    } finally {
      await other.remove();
    }
  });
});

it('a service whose new port is taken continues on its port, and moves with its keys once the port is free', async () => {
  await deploy();
  const before = await project.service();
  const keys = project.read(path.relative(project.folder, before.keyFile!));
  const stranger = createServer();
  const taken = await listenOn(stranger, 0);
  project.synth((stack) => declareTinyService(stack, { port: taken }));

  const { ok, output } = await project.apply();

  expect(ok).toBe(false);
  expect(oneLine(output)).toContain(`(node), so service "${before.name}" continues on port ${port};`);
  expect(await project.service()).toEqual(before);
  await new Promise((resolve) => stranger.close(resolve));
  expect(await project.apply()).toMatchObject({ ok: true });
  expect(await project.service()).toMatchObject({ port: taken, ready: true });
  expect(project.read(path.relative(project.folder, before.keyFile!))).toBe(keys);
  expect(await project.hasChanges()).toBe(false);
});

describe('a service whose folder was removed by hand', () => {
  beforeEach(async () => {
    await deploy();
    rmSync(path.join(project.folder, '.cdktf-brainwave/services'), { recursive: true });
  });

  it('is known to the command line by its process', async () => {
    const { ok, output } = await project.command('local', 'status', 'e2e-service');

    expect(ok).toBe(false);
    expect(output).toMatch(
      /process \d+ runs the service "e2e-service" of this project although its folder was deleted; destroy its stack/,
    );
  });

  it('comes back when its address is replaced, in the place of the process that still served', async () => {
    const replaced = await project.terraform(
      'apply',
      '-auto-approve',
      '-input=false',
      `-replace=${(await addresses()).find((address) => address.includes('Reservation'))!}`,
    );

    expect(replaced.output).toContain('is running although its folder was removed');
    expect(replaced.ok).toBe(true);
    expect(await project.service()).toMatchObject({ ready: true, port });
    expect(await processesOf(project)).toHaveLength(1);
    expect(await project.hasChanges()).toBe(false);
  });

  it('is found and stopped by a destroy, which leaves nothing', async () => {
    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(await leftOf(project, port)).toEqual([]);
  });
});

describe('a state that was lost while the service runs', () => {
  beforeEach(async () => {
    await deploy();
    rmSync(path.join(project.folder, 'terraform.tfstate'));
  });

  it('is created again by the next apply, which takes the running service over; the next destroy leaves nothing', async () => {
    const before = await project.service();

    const { ok, output } = await project.apply();

    expect(ok).toBe(true);
    expect(output).toContain(`updated in place on 127.0.0.1:${port} (process ${before.pid!})`);
    expect(await project.service()).toMatchObject({ pid: before.pid, ready: true });
    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(await leftOf(project, port)).toEqual([]);
  });

  it('leaves a service that the command line finds and removes', async () => {
    expect(await project.command('local', 'down', 'e2e-service', '--remove')).toMatchObject({ ok: true });

    expect(await processesOf(project)).toEqual([]);
    expect(existsSync(path.join(project.folder, '.cdktf-brainwave/services/e2e-service'))).toBe(false);
  });
});

it('a failing smoke test fails the apply and is run again by the next; the service is not touched', async () => {
  const declare = (label: string) => {
    project.synth((stack) => {
      const service = new BrainwaveWebservice(stack, 'Service', {
        model: new RegisteredModel(stack, 'Model', {
          workspace: new LocalWorkspace(stack, 'Workspace'),
          name: 'efficientnet-lite0',
          serviceDefinition: sampleServiceDefinition(),
        }),
        compute: new LocalCompute({ port }),
      });
      new SmokeTest(stack, 'SmokeTest', {
        service,
        samples: [Sample.image(images.chelsea)],
        expect: { label },
      });
    });
  };
  declare('espresso');
  await project.init();

  const failed = await project.apply();
  expect(failed.ok).toBe(false);
  expect(failed.output).toContain('expected "espresso"');
  const before = await project.service();
  expect(before).toMatchObject({ ready: true });
  expect(taintedIn(project.read('terraform.tfstate'))).toEqual([expect.stringMatching(/SmokeTest/)]);

  const again = await project.apply();
  expect(again.ok).toBe(false);
  expect(again.output).toContain('1 to add, 0 to change, 1 to destroy');
  expect(await project.service()).toMatchObject({ pid: before.pid, startedAt: before.startedAt });

  declare('tiger cat');
  expect(await project.apply()).toMatchObject({ ok: true });
  expect(taintedIn(project.read('terraform.tfstate'))).toEqual([]);
  expect(await project.service()).toMatchObject({ pid: before.pid, startedAt: before.startedAt });
  expect(await project.hasChanges()).toBe(false);
});

/** Terraform breaks a message's lines, and draws a line beside them. */
function oneLine(output: string): string {
  return output.replace(/\n│? */g, ' ').replace(/ +/g, ' ');
}

async function addresses(): Promise<string[]> {
  const { output } = await project.terraform('state', 'list');
  return output.split('\n').filter((line) => line.startsWith('terraform_data.'));
}

function taintedIn(state: string): string[] {
  const { resources } = JSON.parse(state) as {
    resources: { name: string; instances: { status?: string }[] }[];
  };
  return resources
    .filter(({ instances }) => instances.some(({ status }) => status === 'tainted'))
    .map(({ name }) => name);
}
