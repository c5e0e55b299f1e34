import { App, TerraformStack, type TerraformResource } from 'cdktf';

import {
  EndpointTraffic,
  OnlineDeployment,
  OnlineEndpoint,
  Sample,
  SmokeTest,
  type TrafficShare,
} from '../../../constructs';
import { azapiBodyProblems, expectValidAzapiBodies } from '../../support/azapi-schemas';
import { azureStack } from '../support/azure-stack';
import { refusal } from '../support/messages';
import { curatedEnvironment, declareCode, declareDeployment } from '../support/online-endpoint';
import { TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

/** As Terraform names it in a list of resources. */
function addressOf({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

describe('EndpointTraffic', () => {
  let project: TestProject;
  let stack: TerraformStack;
  let endpoint: OnlineEndpoint;
  let blue: OnlineDeployment;
  let green: OnlineDeployment;
  let attempts = 0;

  beforeEach(() => {
    project = new TestProject();
    stack = azureStack(project);
    const declared = declareDeployment(project, stack, { compute: { nodeCount: 2 } });
    ({ endpoint, deployment: blue } = declared);
    const { environment } = declared;
    const code = declareCode(project);
    green = new OnlineDeployment(stack, 'Green', { endpoint, environment, code, name: 'green' });
  });
  afterEach(() => {
    project.leave();
  });

  /** What a declaration of these shares is refused with, without the path. */
  const refused = (shares: TrafficShare[]) =>
    refusal(() => share(shares, `Refused${++attempts}`)).replace(/^stack\/Refused\d+: /, '');

  const share = (shares: TrafficShare[], id = 'Traffic') =>
    new EndpointTraffic(stack, id, { endpoint, shares });

  it('is set once the deployments are there, and again whenever the endpoint is written', () => {
    const { resource } = share([
      { deployment: blue, percent: 90 },
      { deployment: green, percent: 10 },
    ]);
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    const update = json.only('azapi_update_resource');
    expect(update.body).toEqual({ properties: { traffic: { blue: 90, green: 10 } } });
    expect(update).toMatchObject({
      type: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints@2025-06-01',
      lifecycle: { replace_triggered_by: [addressOf(endpoint.resource)] },
    });
    expect(update.depends_on).toEqual(
      expect.arrayContaining([addressOf(blue.resource), addressOf(green.resource)]),
    );
    expect(endpoint.dependables).toContain(resource);
  });

  it('assigns 0 to deployments without a share, including later ones', () => {
    share([{ deployment: blue, percent: 100 }]);
    new OnlineDeployment(stack, 'Red', {
      endpoint,
      environment: curatedEnvironment(stack),
      name: 'red',
      resources: { gpus: 0 },
    });
    expect(new TerraformJson(stack).only('azapi_update_resource').body).toEqual({
      properties: { traffic: { blue: 100, green: 0, red: 0 } },
    });
  });

  it('waits for the tests of deployments that get requests, which call the deployment that they test', () => {
    const samples = [Sample.data([[1, 2]])];
    const [blueTest, greenTest] = [blue, green].map(
      (deployment) => new SmokeTest(stack, `${deployment.deploymentName}Test`, { deployment, samples }),
    );
    const { resource } = share([{ deployment: green, percent: 100 }]);
    const json = new TerraformJson(stack);
    const [, { specification }] = json.steps('greenTest/Run');
    expect(specification).toMatchObject({ test: { target: { deployment: 'green' } } });
    const waitsFor = json.resources.get(addressOf(resource))?.depends_on;
    expect(waitsFor).toContain(addressOf(greenTest.resource));
    expect(waitsFor).not.toContain(addressOf(blueTest.resource));
    expect(json.cycle).toEqual([]);
    expect(refusal(() => new SmokeTest(stack, 'Both', { endpoint, deployment: blue, samples }))).toBe(
      'stack/Both: endpoint and deployment are both set; declare a separate smoke test for each',
    );
  });

  it('is removed before the deployments', () => {
    const { release } = share([{ deployment: blue, percent: 100 }]);
    const json = new TerraformJson(stack);
    const args = json.resources.get(addressOf(release));
    expect(args).toMatchObject({
      when: 'destroy',
      method: 'PUT',
      body: { location: 'westeurope', properties: { authMode: 'Key', traffic: {}, mirrorTraffic: {} } },
    });
    expect(args?.depends_on).toEqual(
      expect.arrayContaining([addressOf(blue.resource), addressOf(green.resource)]),
    );
    expect(json.only('azapi_update_resource').depends_on).toContain(addressOf(release));
  });

  it('copies requests to a deployment that is tried out, and warns that Kubernetes does not so far', () => {
    share([
      { deployment: blue, percent: 100 },
      { deployment: green, mirrorPercent: 20 },
    ]);
    const json = new TerraformJson(stack);
    expectValidAzapiBodies(json.json);
    expect(json.only('azapi_update_resource').body).toEqual({
      properties: { traffic: { blue: 100, green: 0 }, mirrorTraffic: { blue: 0, green: 20 } },
    });
    expect(json.warnings).toContain(
      'stack/Traffic: mirrorPercent is set, but Azure ML does not support mirroring for endpoints on Kubernetes yet; ' +
        'set a small percent for the deployment instead',
    );
  });

  it('is rejected by its schema when a property is misspelt', () => {
    share([{ deployment: blue, percent: 100 }]);
    const { json } = new TerraformJson(stack);
    expect(azapiBodyProblems(json.replaceAll('"traffic"', '"trafic"')).join()).toContain(
      '"additionalProperty":"trafic"',
    );
  });

  it('rejects percentages that do not add up to 100', () => {
    const percents = (first: number, second: number) =>
      refused([
        { deployment: blue, percent: first },
        { deployment: green, percent: second },
      ]);
    expect(percents(90, 20)).toBe(
      'the percentages of the deployments add up to 110; expected 100, shared among blue, green',
    );
    expect(percents(0.5, 99.5)).toBe('percent of "blue" is 0.5; expected a whole number from 0 to 100');
    expect(refused([])).toBe(
      'the percentages of the deployments add up to 0; expected 100, shared among at least one deployment',
    );
  });

  it('rejects copies that Azure would', () => {
    expect(refused([{ deployment: blue, percent: 100, mirrorPercent: 10 }])).toBe(
      '"blue" has both percent (100) and mirrorPercent (10); remove one of them',
    );
    expect(
      refused([
        { deployment: blue, percent: 100 },
        { deployment: green, mirrorPercent: 60 },
      ]),
    ).toBe('mirrorPercent of "green" is 60; expected a whole number from 0 to 50');
    const red = new OnlineDeployment(stack, 'Red', {
      endpoint,
      environment: curatedEnvironment(stack),
      name: 'red',
      resources: { gpus: 0 },
    });
    expect(
      refused([
        { deployment: blue, percent: 100 },
        { deployment: green, mirrorPercent: 10 },
        { deployment: red, mirrorPercent: 10 },
      ]),
    ).toBe('mirrorPercent is set for green and red; Azure mirrors requests to only one deployment');
  });

  it('rejects two shares of one deployment, and another endpoint’s', () => {
    expect(
      refusal(() =>
        share([
          { deployment: blue, percent: 50 },
          { deployment: blue, percent: 50 },
        ]),
      ),
    ).toBe('stack/Traffic: the deployment "blue" has two shares; remove one of them');
    const other = new OnlineEndpoint(stack, 'Other', { compute: endpoint.compute });
    expect(
      refusal(
        () =>
          new EndpointTraffic(stack, 'OtherTraffic', {
            endpoint: other,
            shares: [{ deployment: blue, percent: 100 }],
          }),
      ),
    ).toBe(
      'stack/OtherTraffic: stack/Blue is a deployment of stack/Endpoint, not of stack/Other; remove it from the traffic of this endpoint',
    );
  });

  it('warns if no deployment receives requests', () => {
    const missing =
      'stack/Endpoint: it has no EndpointTraffic, so its deployments receive no requests and smoke tests fail; ' +
      'declare one whose percentages add up to 100';
    expect(new TerraformJson(stack).warnings).toContain(missing);
    const other = azureStack(project, 'other');
    const declared = declareDeployment(project, other);
    new EndpointTraffic(other, 'Traffic', {
      endpoint: declared.endpoint,
      shares: [{ deployment: declared.deployment, percent: 100 }],
    });
    expect(new TerraformJson(other).warnings).toEqual([]);
  });

  it('is rejected in another stack than its endpoint or a deployment, which Terraform would not wait for', () => {
    const other = new TerraformStack(App.of(stack), 'other');
    expect(
      refusal(
        () =>
          new EndpointTraffic(other, 'Traffic', { endpoint, shares: [{ deployment: blue, percent: 100 }] }),
      ),
    ).toBe(
      'other/Traffic: it is in the stack "other" but stack/Endpoint is in "stack", where a change of the endpoint would ' +
        'reset the traffic unnoticed; declare the traffic there',
    );
    share([{ deployment: blue, percent: 100 }]);
    new OnlineDeployment(other, 'Red', {
      endpoint,
      environment: curatedEnvironment(other),
      name: 'red',
      resources: { gpus: 0 },
    });
    expect(refusal(() => new TerraformJson(stack))).toContain(
      'stack/Traffic: the deployment other/Red is in another stack, for which Terraform does not wait; declare it in "stack"',
    );
  });

  it('is declared once for an endpoint', () => {
    share([{ deployment: blue, percent: 100 }]);
    new EndpointTraffic(stack, 'Again', { endpoint, shares: [{ deployment: green, percent: 100 }] });
    expect(refusal(() => new TerraformJson(stack))).toContain(
      'stack/Again: the traffic of stack/Endpoint is also set by stack/Traffic; declare it only once, with all shares',
    );
  });
});
