import { rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import net from 'node:net';
import path from 'node:path';

import { BrainwaveWebservice, LocalCompute, LocalWorkspace, RegisteredModel } from '../../constructs';
import type { Finding } from '../../lib/doctor/check';
import { TestProject } from '../constructs/support/test-project';
import { createAuthority, issueCertificate } from '../support/certificates';
import { afterwards } from '../support/cleanup';
import { freePort, listenOn } from '../support/free-port';
import { localProject } from '../local/support/local-project';
import { runCommand } from '../support/cli';
import { expectEnded } from '../support/process-end';
import { DoctoredProject } from './doctored-project';

const SUBSCRIPTION = '11112222-3333-4444-5555-666677778888';
const TENANT = '99990000-aaaa-bbbb-cccc-ddddeeeeffff';
/** What `az account show` printed, with other ids and names. */
const ACCOUNT = {
  environmentName: 'AzureCloud',
  homeTenantId: TENANT,
  id: SUBSCRIPTION,
  isDefault: true,
  managedByTenants: [],
  name: 'Scoring, development',
  state: 'Enabled',
  tenantId: TENANT,
  user: { name: 'somebody@example.com', type: 'user' },
};
/** What `az vm list-usage --location eastus` printed, shortened. */
const USAGES = [
  usage('cores', 'Total Regional vCPUs', 8, 100),
  usage('Standard NCASv3_T4 Family', 'Standard NCASv3_T4 Family vCPUs', 4, 8),
  usage('standardNPSFamily', 'Standard NPS Family vCPUs', 0, 0),
];

function usage(value: string, localizedValue: string, currentValue: number, limit: number): object {
  return {
    // The CLI has written them as text, too.
    currentValue: String(currentValue),
    limit: String(limit),
    localName: localizedValue,
    name: { localizedValue, value },
    unit: 'Count',
  };
}

let project: DoctoredProject;

beforeEach(() => {
  project = new DoctoredProject();
});

/** The only finding of a check that must have one alone. */
function only(findings: readonly Finding[]): Finding {
  expect(findings).toHaveLength(1);
  return findings[0];
}

describe('cdktf-brainwave doctor', () => {
  it('reports no problems for a healthy project, with its findings', async () => {
    const { stdout, exitCode } = await project.doctor();

    expect(stdout).toContain(`✓ node       Node.js ${process.versions.node}\n`);
    expect(stdout).toMatch(/^✓ terraform {2}(Terraform|OpenTofu) \d+\.\d+\.\d+ \(.*\)$/m);
    expect(stdout).toMatch(/^✓ cdktf {6}cdktf 0\.21\.\d+$/m);
    expect(stdout).toMatch(/^✓ providers {2}@cdktf\/provider-azurerm 14\./m);
    expect(stdout).toMatch(/^✓ engines {4}onnxruntime-node \d/m);
    expect(stdout).toMatch(/^✓ port {7}port \d+ on 127\.0\.0\.1 is free$/m);
    expect(stdout).toMatch(/^– azure {6}the Azure CLI/m);
    expect(stdout).toMatch(/all required checks passed\n$/);
    expect(exitCode).toBe(0);
  });

  it('fails with each line that failed, and its remedy', async () => {
    project.install('@cdktf/provider-azurerm', '13.0.0');

    const { stdout, exitCode } = await project.doctor();

    expect(stdout).toMatch(
      /✗ providers {2}@cdktf\/provider-azurerm 13\.0\.0, expected \^14\.0\.0\n {13}→ npm install --ignore-scripts @cdktf\/provider-azurerm@\^14\.0\.0\n/,
    );
    expect(stdout).toMatch(/1 of \d+ failed\n$/);
    expect(exitCode).toBe(1);
  });

  it('tells a program the same as JSON', async () => {
    project.install('@cdktf/provider-random', '11.0.0');

    const { stdout, exitCode } = await project.doctor(['--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      passed: false,
      findings: expect.arrayContaining([
        {
          check: 'providers',
          outcome: 'failed',
          finding: '@cdktf/provider-random 11.0.0, expected ^12.0.0',
          remedy: 'npm install --ignore-scripts @cdktf/provider-random@^12.0.0',
        },
      ]) as Finding[],
    });
    expect(exitCode).toBe(1);
  });

  it('rejects an invalid number of cores', async () => {
    const { stderr, exitCode } = await project.doctor(['--cores', '0']);

    expect(stderr).toContain("argument '0' is invalid. Expected a whole number of at least 1.");
    expect(exitCode).toBe(2);
  });

  it.each(['0', '65536', 'http'])('rejects %s as a port', async (port) => {
    const { stderr, exitCode } = await project.doctor(['--port', port]);

    expect(stderr).toContain(`argument '${port}' is invalid. Expected a whole number from 1 to 65535.`);
    expect(exitCode).toBe(2);
  });
});

describe('the check of Terraform', () => {
  it('reports how to install it if there is none', async () => {
    const { findings, exitCode } = await project.findings('terraform', [], { TERRAFORM_BINARY_NAME: '' });

    expect(only(findings)).toMatchObject({
      outcome: 'failed',
      finding: 'neither terraform nor tofu is on PATH',
      remedy: expect.stringContaining('brew install opentofu') as string,
    });
    expect(exitCode).toBe(1);
  });

  it('recognizes OpenTofu', async () => {
    project.putOnPath(
      'tofu',
      `console.log(process.argv.includes('-json') ? '{"terraform_version": "1.9.0"}' : 'OpenTofu v1.9.0');`,
    );

    const { findings } = await project.findings('terraform', [], { TERRAFORM_BINARY_NAME: '' });

    expect(only(findings)).toMatchObject({
      outcome: 'passed',
      finding: expect.stringMatching(/^OpenTofu 1\.9\.0 \(.*tofu\)$/) as string,
    });
  });

  it('rejects one that is too old', async () => {
    project.putOnPath(
      'terraform',
      `console.log('{"terraform_version": "1.3.9", "terraform_outdated": true}');`,
    );

    const { findings } = await project.findings('terraform', [], { TERRAFORM_BINARY_NAME: '' });

    expect(only(findings)).toMatchObject({
      outcome: 'failed',
      finding: expect.stringContaining('is version 1.3.9, expected 1.4 or later') as string,
    });
  });
});

describe('the check of CDKTF', () => {
  it('reports which version is expected', async () => {
    project.install('cdktf', '0.20.12');

    const { findings } = await project.findings('cdktf');

    expect(findings[0]).toEqual({
      check: 'cdktf',
      outcome: 'failed',
      finding: 'cdktf 0.20.12, expected ^0.21.0',
      remedy: 'npm install --ignore-scripts cdktf@^0.21.0',
    });
  });

  it('finds a second copy, which the constructs of the first do not know', async () => {
    project.install('cdktf', '0.21.0');

    const { findings, exitCode } = await project.findings('cdktf');

    expect(findings[0].outcome).toBe('failed');
    expect(findings[0].finding).toContain('there are 2 copies of cdktf: 0.21.0 in ');
    expect(findings[0].finding).toContain(path.join(project.folder, 'node_modules/cdktf'));
    expect(findings[0].remedy).toContain('npm dedupe');
    expect(exitCode).toBe(1);
  });

  it('rejects CDK Terrain next to CDKTF', async () => {
    project.install('cdktn', '0.24.0');

    const { findings } = await project.findings('cdktf');

    expect(findings.map(({ finding }) => finding)).toContainEqual(
      expect.stringMatching(/^both cdktf 0\.21\.\d+ and cdktn 0\.24\.0 are installed, expected one of them$/),
    );
  });

  it('takes CDK Terrain under an alias for what it is, from the version that is known to work', async () => {
    project.install('cdktn', '0.23.0', { as: 'cdktf' });
    project.install('@cdktn/provider-azurerm', '16.1.0', { as: '@cdktf/provider-azurerm' });

    const cdktf = await project.findings('cdktf');
    const providers = await project.findings('providers');

    expect(cdktf.findings[0].finding).toBe('cdktn 0.23.0, as cdktf, expected >=0.24.0');
    expect(providers.findings).toContainEqual({
      check: 'providers',
      outcome: 'passed',
      finding: '@cdktn/provider-azurerm 16.1.0, as @cdktf/provider-azurerm',
    });
  });
});

describe('the check of the engines', () => {
  it('rejects one that does not load here, with its reason', async () => {
    project.install('sharp', '0.35.0', { code: 'throw new Error("no binary for this platform");' });

    const { findings, exitCode } = await project.findings('engines');

    expect(findings).toContainEqual({
      check: 'engines',
      outcome: 'failed',
      finding: 'sharp 0.35.0 cannot be loaded: Error: no binary for this platform',
      remedy: expect.stringContaining('npm ci') as string,
    });
    expect(exitCode).toBe(1);
  });

  it('includes the client that waits for pods on Kubernetes', async () => {
    project.install('@kubernetes/client-node', '1.3.0');

    const { findings } = await project.findings('engines');

    expect(findings).toContainEqual({
      check: 'engines',
      outcome: 'failed',
      finding: '@kubernetes/client-node 1.3.0; expected @kubernetes/client-node >=1.4.0',
      remedy: 'npm install --ignore-scripts "@kubernetes/client-node@>=1.4.0"',
    });
  });

  it('rejects one that is too old', async () => {
    project.install('onnxruntime-node', '1.19.2');

    const { findings } = await project.findings('engines');

    expect(findings).toContainEqual({
      check: 'engines',
      outcome: 'failed',
      finding: 'onnxruntime-node 1.19.2; expected onnxruntime-node >=1.20.0',
      remedy: 'npm install --ignore-scripts "onnxruntime-node@>=1.20.0"',
    });
  });
});

describe('the check of the port', () => {
  it('shows the process that uses it', async () => {
    const stranger = net.createServer();
    const port = await listenOn(stranger, 0);
    afterwards(() => stranger.close());

    const { findings, exitCode } = await project.findings('port', ['--port', String(port)]);

    expect(only(findings).finding).toContain(
      `port ${port} on 127.0.0.1 is in use by process ${process.pid} (`,
    );
    expect(only(findings).remedy).toContain('LocalCompute({ port: … })');
    expect(exitCode).toBe(1);
  });
});

describe('the check of the port that a deployment will use', () => {
  /** The doctor without `--port`. */
  async function ports(
    folder: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<readonly Finding[]> {
    const { stdout } = await runCommand(['doctor', '--json', '--time-host', '127.0.0.1:1'], folder, { env });
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return findings.filter(({ check }) => check === 'port');
  }

  it('takes it from the synthesized stacks, unless PORT is set, as in projects of init', async () => {
    const [declared, set] = [await freePort(), await freePort()];
    const scoring = new TestProject();
    afterwards(() => {
      scoring.leave();
    });
    const app = scoring.app();
    const stack = scoring.stack('scoring', app);
    const workspace = new LocalWorkspace(stack, 'Workspace');
    const serviceDefinition = scoring.definition();
    const model = new RegisteredModel(stack, 'Model', { workspace, name: 'pets', serviceDefinition });
    const compute = new LocalCompute({ address: '127.0.0.2', port: declared });
    new BrainwaveWebservice(stack, 'Service', { model, compute });
    app.synth();
    const { folder } = scoring;

    const free = (address: string, port: number) => [
      { check: 'port', outcome: 'passed', finding: `port ${port} on ${address} is free` },
    ];
    expect(await ports(folder)).toEqual(free('127.0.0.2', declared));
    expect(await ports(folder, { PORT: String(set) })).toEqual(free('127.0.0.1', set));
  });

  it('rejects a PORT that is none, and names the variable', async () => {
    const { stderr, exitCode } = await runCommand(['doctor'], project.folder, { env: { PORT: 'http' } });

    expect(stderr).toContain(
      "value 'http' from env 'PORT' is invalid. Expected a whole number from 1 to 65535.",
    );
    expect(exitCode).toBe(2);
  });
});

describe('the check of a port that a service of the project has', () => {
  it('passes, and names the service', async () => {
    const local = await localProject();
    const specification = await local.specification();
    await local.service('scoring').up(specification, () => undefined);
    const port = String(specification.port);

    const { stdout } = await runCommand(
      ['doctor', '--port', port, '--time-host', '127.0.0.1:1'],
      local.folder,
    );

    expect(stdout).toContain(
      `✓ port       port ${port} on 127.0.0.1 is used by the service "scoring" of this project`,
    );
    // A folder without packages.
    expect(stdout).toContain('✗ cdktf      cdktf is not installed, expected ^0.21.0');
    expect(stdout).toContain(
      '– providers  @cdktf/provider-random is not installed; stacks that declare none of its resources do not need it',
    );
    expect(stdout).toContain('– engines    sharp not installed; image stages cannot run on this machine');
  });
});

describe('the check of a port that a service has whose folder was removed', () => {
  it('names the service, and the commands that end it', async () => {
    const local = await localProject();
    const specification = await local.specification();
    const { pid } = await local.service('scoring').up(specification, () => undefined);
    afterwards(() => local.service('scoring').remove());
    rmSync(local.stateFolder, { recursive: true });
    const port = String(specification.port);
    const args = ['doctor', '--port', port, '--time-host', '127.0.0.1:1'];

    const { stdout, exitCode } = await runCommand(args, local.folder);

    expect(stdout).toContain(
      `✗ port       port ${port} on 127.0.0.1 is in use: process ${pid ?? 0} runs the service "scoring" of ` +
        'this project although its folder was deleted\n' +
        '             → destroy its stack, which ends the process, and deploy it again; if the state is gone as well, ' +
        'run npx cdktf-brainwave local down scoring, or set another port: new LocalCompute({ port: … })\n',
    );
    expect(exitCode).toBe(1);

    // What the remedy says.
    expect(await runCommand(['local', 'down', 'scoring'], local.folder)).toMatchObject({ exitCode: 0 });
    await expectEnded(pid);
    expect((await runCommand(args, local.folder)).stdout).toContain(
      `✓ port       port ${port} on 127.0.0.1 is free`,
    );
  });
});

describe('the check of the clock', () => {
  /** An HTTPS server whose clock is some seconds off. */
  async function timeServer(
    secondsOff: number,
    notAfter?: Date,
  ): Promise<{ args: string[]; env: Record<string, string> }> {
    const authority = await createAuthority({ name: 'Time' });
    const issued = await issueCertificate({
      names: ['127.0.0.1'],
      issuer: authority,
      ...(notAfter && { notBefore: new Date(notAfter.getTime() - 86_400_000), notAfter }),
    });
    const server = createHttpsServer({ cert: issued.chain, key: issued.privateKey }, (_, response) => {
      response.setHeader('Date', new Date(Date.now() + secondsOff * 1000).toUTCString());
      response.end();
    });
    const port = await listenOn(server, 0);
    afterwards(() => server.close());
    const root = path.join(project.folder, 'root.pem');
    writeFileSync(root, authority.root);
    return { args: ['--time-host', `127.0.0.1:${port}`], env: { NODE_EXTRA_CA_CERTS: root } };
  }

  it('passes with a clock that is right', async () => {
    const { args, env } = await timeServer(-60);

    const { findings } = await project.findings('clock', args, env);

    expect(only(findings)).toMatchObject({
      outcome: 'passed',
      finding: expect.stringMatching(/^\d+ s ahead of 127\.0\.0\.1:\d+$/) as string,
    });
  });

  it('fails with one that is an hour behind', async () => {
    const { args, env } = await timeServer(3600);

    const { findings, exitCode } = await project.findings('clock', args, env);

    expect(only(findings)).toMatchObject({
      outcome: 'failed',
      finding: expect.stringMatching(/^60 min behind/) as string,
      remedy: expect.stringContaining('synchronize the clock') as string,
    });
    expect(exitCode).toBe(1);
  });

  it('fails if a certificate is not valid at its time', async () => {
    const { args, env } = await timeServer(0, new Date(Date.now() - 86_400_000));

    const { findings } = await project.findings('clock', args, env);

    expect(only(findings)).toMatchObject({
      outcome: 'failed',
      finding: expect.stringContaining('is not valid (CERT_HAS_EXPIRED)') as string,
    });
  });

  it('only notes that it is offline', async () => {
    const { findings, exitCode } = await project.findings('clock');

    expect(only(findings)).toMatchObject({
      outcome: 'note',
      finding: expect.stringContaining('does not respond (ECONNREFUSED)') as string,
    });
    expect(exitCode).toBe(0);
  });
});

describe('the check of the login to Azure', () => {
  it('shows the name of the subscription, but no id and no user', async () => {
    project.installAzureCli({ account: ACCOUNT, usages: USAGES });

    const { stdout } = await project.doctor(['--location', 'eastus']);

    expect(stdout).toContain('✓ azure      logged in; subscription "Scoring, development"\n');
    expect(stdout).toContain('– azure      ARM_SUBSCRIPTION_ID is not set');
    for (const secret of [SUBSCRIPTION, TENANT, 'somebody', SUBSCRIPTION.slice(-12)]) {
      expect(stdout).not.toContain(secret);
    }
  });

  it('notes that stacks go to another subscription than az shows', async () => {
    project.installAzureCli({ account: ACCOUNT });

    const same = await project.findings('azure', [], { ARM_SUBSCRIPTION_ID: SUBSCRIPTION.toUpperCase() });
    const other = await project.findings('azure', [], { ARM_SUBSCRIPTION_ID: TENANT });

    expect(same.findings).toHaveLength(1);
    expect(other.findings[1]).toMatchObject({
      outcome: 'note',
      finding: expect.stringContaining(
        'differs from the subscription of az, "Scoring, development"',
      ) as string,
    });
    expect(JSON.stringify(other.findings)).not.toContain(TENANT);
  });

  it('only notes a missing login, unless a region is set', async () => {
    project.installAzureCli({});

    const local = await project.findings('azure');
    const azure = await project.findings('azure', ['--location', 'eastus']);

    const finding = { finding: 'the Azure CLI is not logged in', remedy: 'run az login to deploy to Azure' };
    expect(local).toMatchObject({ findings: [{ outcome: 'note', ...finding }], exitCode: 0 });
    expect(azure).toMatchObject({ findings: [{ outcome: 'failed', ...finding }], exitCode: 1 });
  });

  it('reports what is expected without az: nothing for this machine, a login for a region', async () => {
    const local = await project.findings('azure');
    const azure = await project.findings('azure', ['--location', 'eastus']);

    expect(only(local.findings)).toMatchObject({
      outcome: 'note',
      finding: 'the Azure CLI (az) is not on PATH; local deployments do not need it',
    });
    expect(only(azure.findings)).toEqual({
      check: 'azure',
      outcome: 'failed',
      finding: 'the Azure CLI (az) is not on PATH, expected it with a login',
      remedy: 'for Azure, install it: https://learn.microsoft.com/cli/azure/install-azure-cli',
    });
  });

  it('rejects a subscription that is disabled', async () => {
    project.installAzureCli({ account: { ...ACCOUNT, state: 'Disabled' } });

    const { findings } = await project.findings('azure');

    expect(only(findings)).toMatchObject({
      outcome: 'failed',
      finding: 'the subscription "Scoring, development" is Disabled, expected Enabled',
    });
  });

  it('knows the login of a pipeline, without az', async () => {
    const { findings } = await project.findings('azure', ['--location', 'eastus'], {
      ARM_CLIENT_ID: TENANT,
      ARM_USE_OIDC: 'true',
      ARM_SUBSCRIPTION_ID: SUBSCRIPTION,
    });

    expect(only(findings)).toMatchObject({
      outcome: 'passed',
      finding: 'ARM_CLIENT_ID is set: providers authenticate as a service principal, with OIDC',
    });
  });
});

describe('the check for kubelogin', () => {
  it('notes that Terraform cannot sign in to a cluster without it, for a deployment to Azure only', async () => {
    const { findings } = await project.findings('kubelogin', ['--location', 'eastus'], { PATH: '/nowhere' });

    expect(only(findings)).toEqual({
      check: 'kubelogin',
      outcome: 'note',
      finding:
        'kubelogin is not on PATH; Terraform needs it to sign in to an AKS cluster without local accounts',
      remedy: 'run az aks install-cli',
    });
    expect((await project.findings('kubelogin')).findings).toEqual([]);
  });
});

describe('the check of the roles', () => {
  const CLUSTER_ADMIN = 'Azure Kubernetes Service RBAC Cluster Admin';
  const scope = `/subscriptions/${SUBSCRIPTION}`;
  const assignee = ACCOUNT.user.name;

  function haveRoles(...names: string[]): void {
    // What `az role assignment list` printed, shortened.
    const answer = names.map((roleDefinitionName) => ({ principalType: 'User', roleDefinitionName, scope }));
    project.installAzureCli({ account: ACCOUNT, roles: { assignee, scope, answer } });
  }

  it('passes with what a deployment needs', async () => {
    haveRoles('Owner', 'Storage Blob Data Contributor', CLUSTER_ADMIN);

    const { findings } = await project.findings('roles', ['--location', 'eastus']);

    expect(only(findings)).toEqual({
      check: 'roles',
      outcome: 'passed',
      finding: `on the subscription: ${CLUSTER_ADMIN}, Owner, Storage Blob Data Contributor`,
    });
  });

  it('notes that Owner does not include access to blobs', async () => {
    haveRoles('Owner', CLUSTER_ADMIN);

    const { findings } = await project.findings('roles', ['--location', 'eastus'], {
      ARM_SUBSCRIPTION_ID: SUBSCRIPTION,
    });

    expect(only(findings)).toEqual({
      check: 'roles',
      outcome: 'note',
      finding:
        'you have no role on the subscription to write blobs, which providers with storageUseAzuread require and ' +
        'Owner does not include, expected Storage Blob Data Contributor or Storage Blob Data Owner',
      remedy:
        'unless you have it on a narrower scope, ask an administrator to run az role assignment create ' +
        '--role "Storage Blob Data Contributor" --assignee <you> --scope "/subscriptions/$ARM_SUBSCRIPTION_ID"',
    });
    expect(JSON.stringify(findings)).not.toContain(SUBSCRIPTION);
  });

  it('notes that Owner does not include access to clusters', async () => {
    haveRoles('Owner', 'Storage Blob Data Owner');

    const { findings } = await project.findings('roles', ['--location', 'eastus']);

    expect(only(findings).finding).toBe(
      'you have no role on the subscription to deploy to AKS clusters, which Owner does not include, expected ' +
        CLUSTER_ADMIN,
    );
  });

  it('notes that a Contributor cannot assign the roles of a stack', async () => {
    haveRoles('Contributor', 'Storage Blob Data Owner', CLUSTER_ADMIN);

    const { findings } = await project.findings('roles', ['--location', 'eastus']);

    expect(only(findings).finding).toBe(
      'you have no role on the subscription to assign the roles that a stack declares, ' +
        'expected Owner or Role Based Access Control Administrator or User Access Administrator',
    );
  });

  it('reports why they cannot be looked at, and which are needed', async () => {
    const answer = 'ERROR: The client does not have authorization';
    project.installAzureCli({ account: ACCOUNT, roles: { assignee, scope, answer } });

    const { findings } = await project.findings('roles', ['--location', 'eastus']);

    expect(only(findings)).toEqual({
      check: 'roles',
      outcome: 'note',
      finding: 'the roles on the subscription cannot be determined: The client does not have authorization',
      remedy:
        'make sure that you have Contributor, Role Based Access Control Administrator, Storage Blob Data Contributor, ' +
        'Azure Kubernetes Service RBAC Cluster Admin',
    });
  });

  it('are not looked at for this machine, or for an application that az does not know', async () => {
    haveRoles('Owner', CLUSTER_ADMIN);

    expect((await project.findings('roles')).findings).toEqual([]);
    const application = { ARM_CLIENT_ID: TENANT };
    expect((await project.findings('roles', ['--location', 'eastus'], application)).findings).toEqual([]);
  });
});

describe('the check of the quota', () => {
  it('passes where enough of the family is free', async () => {
    project.installAzureCli({ account: ACCOUNT, usages: USAGES });

    const { findings, exitCode } = await project.findings('quota', ['--location', 'eastus']);

    expect(only(findings)).toEqual({
      check: 'quota',
      outcome: 'passed',
      finding: '4 of 8 vCPUs of Standard NCASv3_T4 Family are free in eastus',
    });
    expect(exitCode).toBe(0);
  });

  it('fails where too little is free, and reports where to ask for more', async () => {
    project.installAzureCli({ account: ACCOUNT, usages: USAGES });
    const args = ['--location', 'eastus', '--vm-family', 'Standard NPS Family vCPUs', '--cores', '10'];

    const { findings, exitCode } = await project.findings('quota', args);

    expect(only(findings)).toMatchObject({
      outcome: 'failed',
      finding: '0 of 0 vCPUs of standardNPSFamily are free in eastus, expected 10',
      remedy: expect.stringContaining('https://aka.ms/quotas') as string,
    });
    expect(exitCode).toBe(1);
  });

  it('reports that a region has no such family, and why a region is rejected', async () => {
    project.installAzureCli({ account: ACCOUNT, usages: USAGES });
    const unknown = await project.findings('quota', ['--location', 'eastus', '--vm-family', 'Standard Z']);
    project.installAzureCli({
      account: ACCOUNT,
      usages: "ERROR: The provided location 'moon' is not available\nmore",
    });
    const refused = await project.findings('quota', ['--location', 'moon']);

    expect(only(unknown.findings).finding).toBe('eastus has no VM family "Standard Z"');
    expect(only(refused.findings).finding).toBe(
      "the quota in moon cannot be determined: The provided location 'moon' is not available",
    );
  });

  it('is not looked at without a login', async () => {
    const { findings } = await project.findings('quota', ['--location', 'eastus']);

    expect(only(findings)).toEqual({
      check: 'quota',
      outcome: 'note',
      finding: 'the quota in eastus is not checked: it requires a login with az',
      remedy:
        'install the Azure CLI (https://learn.microsoft.com/cli/azure/install-azure-cli) and run az login',
    });
    project.installAzureCli({});
    const loggedOut = await project.findings('quota', ['--location', 'eastus']);
    expect(only(loggedOut.findings).remedy).toBe('log in: az login');
  });
});
