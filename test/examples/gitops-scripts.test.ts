import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';

import { writeShuffledClassifier } from '../e2e/sample';
import { GitopsRepository } from './support/gitops-repository';

// Each deploys with Terraform, and some more than once.
jest.setTimeout(300_000);

let repository: GitopsRepository;

beforeEach(async () => {
  repository = new GitopsRepository();
  await repository.init();
});

afterEach(async () => {
  await repository.remove();
});

describe("the GitOps example's scripts", () => {
  it('plan, apply, smoke-test with reports, find no drift, and find what is committed and not applied', async () => {
    await repository.succeed('synth');
    repository.write('summary.md', '');
    const summary = { GITHUB_STEP_SUMMARY: repository.path('summary.md') };

    const planned = await repository.script('plan', [], summary);

    expect(planned).toMatchObject({ exitCode: 0 });
    const comment = repository.read('reports/plan.md');
    expect(comment).toMatch(/^### No call is lost, and no caller must change\.\n\n\| Service/);
    expect(comment).toMatch(/^\| \*\*scoring-.*\*\*, local \| created \|/m);
    expect(comment).toMatch(/^### Terraform plan: Plan: \d+ to add, 0 to change, 0 to destroy\./m);
    expect(repository.read('summary.md')).toBe(repository.read('reports/plan.md'));

    expect(await repository.succeed('apply')).toContain('smoke test passed');

    const tested = await repository.script('smoke-test', [], { ...summary, GITHUB_ACTIONS: 'true' });
    expect(tested).toMatchObject({ exitCode: 0 });
    expect(tested.output).toContain('smoke test passed');
    expect(repository.read('summary.md')).toContain('chelsea.png');
    const reports = [repository.read('reports/smoke-test.xml'), repository.read('reports/smoke-test.html')];
    expect(reports[0]).toMatch(/<testsuites? [^>]*failures="0"/);
    expect(reports[1]).toContain('tiger cat');
    const { keyFile } = await repository.service();
    const { primaryKey, secondaryKey } = JSON.parse(readFileSync(keyFile, 'utf8')) as Record<string, string>;
    for (const text of [...reports, repository.read('reports/plan.md')]) {
      expect(text).not.toContain(primaryKey);
      expect(text).not.toContain(secondaryKey);
    }

    expect(await repository.succeed('drift')).toMatch(/^no drift$/m);
    const again = await repository.script('plan', [], { TF_BUILD: 'True' });
    expect(again.output).toContain(`##vso[task.uploadsummary]${repository.path('reports/plan.md')}`);
    expect(repository.read('reports/plan.md')).toContain('### Terraform plan: Nothing changes.');

    expect(repository.read('reports/plan.md')).toMatch(/^### Nothing changes\.\n/);

    repository.edit('scoring-stack.ts', 'minimumProbability: 0.3', 'minimumProbability: 0.2');
    await repository.succeed('synth');
    const drift = await repository.script('drift');
    expect(drift).toMatchObject({ exitCode: 2 });
    expect(drift.output).toContain('drift: deploy again, or commit the manual changes');
    expect(repository.read('reports/drift.md')).toContain('must be replaced');
  });

  it('fail the apply with the smoke test, and pass again after the git revert that they name', async () => {
    await repository.succeed('synth');
    await repository.succeed('apply');
    const { modelVersion: former } = await repository.service();
    mkdirSync(repository.path('models'));
    writeShuffledClassifier(repository.path('models/classifier.pb'));
    repository.edit(
      'service-definition.ts',
      "path.join(models, 'efficientnet-lite0/classifier.pb')",
      "path.join(__dirname, 'models/classifier.pb')",
    );
    await repository.commit('Classify with another model\n\nparent of nothing, whatever it says here');
    const commit = (await repository.git('rev-parse', '--short', 'HEAD')).trim();
    await repository.succeed('synth');

    const applied = await repository.script('apply');
    const tested = await repository.script('smoke-test');

    expect(applied).toMatchObject({ exitCode: 1 });
    expect(applied.output).toMatch(/smoke test failed: .*"Persian cat"/);
    expect(applied.output).toContain(`    git revert ${commit}\n`);
    expect(tested).toMatchObject({ exitCode: 1 });
    expect(repository.read('reports/smoke-test.xml')).toMatch(/<testsuites? [^>]*failures="[1-9]/);
    const failed = (await repository.service()).modelVersion;
    expect(failed).not.toBe(former);
    expect(repository.modelVersions()).toEqual([former, failed].sort());

    const reverted = await repository.bash(`git revert ${commit} --no-edit`, {});
    expect(reverted).toMatchObject({ exitCode: 0 });
    await repository.succeed('synth');
    expect(await repository.succeed('apply')).toContain('smoke test passed');

    expect((await repository.service()).modelVersion).toBe(former);
    expect(await repository.succeed('smoke-test')).toContain('smoke test passed');
    expect(await repository.succeed('drift')).toMatch(/^no drift$/m);
  });

  it('name the git revert of a merge, too, in the shallow checkout of a pipeline', async () => {
    const before = repository.read('scoring-stack.ts');
    await repository.git('switch', '--quiet', '--create', 'less');
    repository.edit('scoring-stack.ts', 'minimumProbability: 0.3', 'minimumProbability: 0.2');
    await repository.commit('Be content with less');
    await repository.git('switch', '--quiet', 'main');
    // Without a fast-forward, as pull requests are merged.
    await repository.git('merge', '--quiet', '--no-ff', '--no-edit', 'less');
    // Pipelines check out the last commit alone, which git then takes for one without parents.
    const whole = (await repository.git('rev-parse', 'HEAD')).trim();
    repository.write('.git/shallow', `${whole}\n`);
    // The apply fails, whatever the reason.
    const terraform = repository.path('.git/failing-terraform');
    repository.write('.git/failing-terraform', '#!/bin/sh\n[ "$2" != apply ]\n');
    chmodSync(terraform, 0o755);

    const applied = await repository.script('apply', [], { TERRAFORM_BINARY_NAME: terraform });
    rmSync(repository.path('.git/shallow'));

    expect(applied).toMatchObject({ exitCode: 1 });
    const [revert] = /git revert -m 1 \w+/.exec(applied.output) ?? [];
    expect(revert).toBe(`git revert -m 1 ${whole.slice(0, 7)}`);
    expect(await repository.bash(`${revert} --no-edit`, {})).toMatchObject({ exitCode: 0 });
    expect(repository.read('scoring-stack.ts')).toBe(before);
  });

  it('fail if a committed cdktf.out is stale, and pass after it is updated', async () => {
    repository.edit('.gitignore', 'cdktf.out/\n', '');
    await repository.succeed('synth', ['--write']);
    await repository.commit('Commit what is synthesized');
    expect(await repository.succeed('synth')).toContain('cdktf.out is up to date');

    repository.edit('scoring-stack.ts', 'minimumProbability: 0.3', 'minimumProbability: 0.2');
    const stale = await repository.script('synth');
    expect(stale).toMatchObject({ exitCode: 1 });
    expect(stale.output).toContain('cdktf.out is stale: run scripts/synth.sh --write');

    await repository.succeed('synth', ['--write']);
    await repository.commit('Be content with less');
    expect(await repository.succeed('synth')).toContain('cdktf.out is up to date');
  });

  it('leave cdktf.out unchanged if the program throws, and no other files', async () => {
    repository.edit('.gitignore', 'cdktf.out/\n', '');
    await repository.succeed('synth', ['--write']);
    await repository.commit('Commit what is synthesized');
    repository.edit('main.ts', 'app.synth();', "throw new Error('no synth today');");

    for (const args of [['--write'], []]) {
      const failed = await repository.script('synth', args);
      expect(failed.exitCode).not.toBe(0);
      expect(failed.output).toContain('no synth today');
      expect(await repository.git('status', '--short')).toBe(' M main.ts\n');
    }
    expect(readdirSync(repository.folder).filter((name) => name.startsWith('cdktf.out'))).toEqual([
      'cdktf.out',
    ]);
  });

  it('check types and run the tests of the stack', async () => {
    expect(await repository.succeed('verify')).toMatch(/^# pass 3$/m);

    repository.edit('scoring-stack.ts', 'label:', 'lable:');
    const wrong = await repository.script('verify');
    expect(wrong.exitCode).not.toBe(0);
    expect(wrong.output).toContain("'lable' does not exist");
  });

  it('fail, and report why, where Terraform cannot plan', async () => {
    const { exitCode, output } = await repository.script('plan');

    expect(exitCode).toBe(1);
    expect(output).toContain('cdktf.out/stacks/scoring');
  });

  it('hand Terraform the tokens of Azure DevOps, and report which variable is missing', async () => {
    const agent = {
      AZURESUBSCRIPTION_CLIENT_ID: 'client',
      AZURESUBSCRIPTION_TENANT_ID: 'tenant',
      AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: 'connection',
      SYSTEM_ACCESSTOKEN: 'token',
      SYSTEM_OIDCREQUESTURI: 'https://dev.example.com/oidc',
    };
    const login = '. scripts/azure-devops-login.sh && env | grep ^ARM_ | sort';

    const shown = await repository.bash(login, agent);
    const unmapped = await repository.bash(login, { ...agent, SYSTEM_ACCESSTOKEN: '' });

    expect(shown.output.trim().split('\n')).toEqual([
      'ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID=connection',
      'ARM_CLIENT_ID=client',
      'ARM_OIDC_REQUEST_TOKEN=token',
      'ARM_OIDC_REQUEST_URL=https://dev.example.com/oidc',
      'ARM_TENANT_ID=tenant',
      'ARM_USE_OIDC=true',
    ]);
    expect(unmapped.exitCode).not.toBe(0);
    expect(unmapped.output).toContain('map it in the task: env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)');
  });
});
