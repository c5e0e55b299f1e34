import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider';
import { TerraformVariable, Token, type TerraformStack } from 'cdktf';

import {
  ApiKeys,
  BrainwaveWebservice,
  FpgaImage,
  FpgaService,
  FpgaCompute,
  FpgaVmSize,
  LocalWorkspace,
  MarketplaceTerms,
  ModelServerProtocol,
  NetworkIsolation,
  PrivateNetwork,
  Sample,
  SmokeTest,
  SslSettings,
  Workspace,
} from '../../../constructs';
import { acceleratedDefinition, image, REGISTRY_ID } from '../support/aks';
import { azureStack, tagAll } from '../support/azure-stack';
import {
  ACCELERATOR,
  declareFpgaService,
  existingWorkspace,
  machineConfiguration,
  SSH_KEY,
  VAULT_ID,
  withoutDigits,
  type FpgaVariation,
} from '../support/fpga';
import { refusal } from '../support/messages';
import { difference, TerraformJson } from '../support/terraform-json';
import { TestProject } from '../support/test-project';

const CERTIFICATE = SslSettings.fromKeyVaultCertificate({
  keyVaultId: VAULT_ID,
  certificateName: 'scoring',
  hostname: 'scoring.example.com',
});

const SCALE_SET = 'azurerm_linux_virtual_machine_scale_set';

describe('FPGA machines', () => {
  let project: TestProject;

  beforeEach(() => {
    project = new TestProject();
  });

  afterEach(() => {
    project.leave();
  });

  function synth(variation: FpgaVariation | ((stack: TerraformStack) => FpgaVariation) = {}): TerraformJson {
    const stack = azureStack(project);
    declareFpgaService(project, stack, typeof variation === 'function' ? variation(stack) : variation);
    return new TerraformJson(stack);
  }

  /** What a declaration is refused with, without what the stack is named by. */
  function refused(variation: FpgaVariation | ((stack: TerraformStack) => FpgaVariation)): string {
    return refusal(() => synth(variation)).replace(/^stack\//, '');
  }

  describe('with only the required properties', () => {
    it('are one machine with one FPGA, with no password, and take changes one batch after the other', () => {
      const json = synth();
      expect(json.only(SCALE_SET)).toMatchObject({
        name: 'stack-service-fpga',
        resource_group_name: 'scoring',
        location: 'westeurope',
        sku: 'Standard_NP10s',
        instances: 1,
        overprovision: false,
        admin_username: 'scoring',
        disable_password_authentication: true,
        admin_ssh_key: [{ username: 'scoring', public_key: SSH_KEY }],
        plan: {
          publisher: 'xilinx',
          product: 'vitis2022_1_ubuntu2004_development_image',
          name: 'vitis2022_1_ubuntu2004',
        },
        source_image_reference: {
          publisher: 'xilinx',
          offer: 'vitis2022_1_ubuntu2004_development_image',
          sku: 'vitis2022_1_ubuntu2004',
          version: 'latest',
        },
        upgrade_mode: 'Rolling',
        health_probe_id: expect.stringContaining('azurerm_lb_probe.') as string,
        identity: {
          type: 'UserAssigned',
          identity_ids: [`\${${json.address('azurerm_user_assigned_identity')}.id}`],
        },
      });
      expect(json.only(SCALE_SET)).not.toHaveProperty('admin_password');
    });

    it('have a static address in all zones, on a load balancer that passes on the port of the service alone', () => {
      const json = synth({ service: { ssl: CERTIFICATE } });
      expect(json.only('azurerm_public_ip')).toMatchObject({
        allocation_method: 'Static',
        sku: 'Standard',
        zones: ['1', '2', '3'],
      });
      expect(json.only('azurerm_lb')).toMatchObject({
        sku: 'Standard',
        frontend_ip_configuration: [
          { name: 'service', public_ip_address_id: `\${${json.address('azurerm_public_ip')}.id}` },
        ],
      });
      expect(json.only('azurerm_lb_rule')).toMatchObject({
        protocol: 'Tcp',
        frontend_port: 443,
        backend_port: 443,
        probe_id: `\${${json.address('azurerm_lb_probe')}.id}`,
        backend_address_pool_ids: [`\${${json.address('azurerm_lb_backend_address_pool')}.id}`],
      });
      expect(json.only('azurerm_lb_probe')).toMatchObject({
        protocol: 'Http',
        port: 8082,
        request_path: '/',
      });
    });

    it('let in calls of the service and the probe, and nothing else', () => {
      const json = synth();
      const rules = json
        .all('azurerm_network_security_rule')
        .map(({ access, priority, destination_port_range: port, source_address_prefix: source }) => ({
          access,
          priority,
          port,
          source,
        }));
      expect(rules).toEqual([
        { access: 'Allow', priority: 110, port: '8082', source: 'AzureLoadBalancer' },
        { access: 'Allow', priority: 100, port: '80', source: '*' },
        { access: 'Deny', priority: 4096, port: '*', source: '*' },
      ]);
      expect(json.only(SCALE_SET).network_interface).toEqual([
        expect.objectContaining({
          network_security_group_id: `\${${json.address('azurerm_network_security_group')}.id}`,
        }),
      ]);
      expect(json.only('azurerm_subnet')).toMatchObject({ default_outbound_access_enabled: false });
    });

    // azurerm: "Tags may not be used" in source_address_prefixes.
    // @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs/resources/network_security_rule#source_address_prefixes-1
    it('let in a service tag, or several ranges', () => {
      const source = (allowedSourceRanges: string[]) => {
        const [rule] = synth({ compute: { allowedSourceRanges } })
          .all('azurerm_network_security_rule')
          .filter(({ name }) => name === 'allow-service');
        return [rule.source_address_prefix, rule.source_address_prefixes];
      };
      expect(source(['AzureCloud'])).toEqual(['AzureCloud', undefined]);
      expect(source(['203.0.113.0/24', '198.51.100.7'])).toEqual([
        undefined,
        ['203.0.113.0/24', '198.51.100.7'],
      ]);
    });

    it('serve their metrics to nobody else, unless the ranges of a Prometheus are set', () => {
      const metrics = (compute: object) => {
        const json = synth({ compute });
        const rules = json
          .all('azurerm_network_security_rule')
          .filter(({ destination_port_range: port }) => port === '8081');
        const { scoring } = machineConfiguration(json) as { scoring: object };
        return { rules, scoring };
      };
      expect(metrics({})).toEqual({ rules: [], scoring: { image: image.imageUri, port: 80 } });
      expect(metrics({ metricsSourceRanges: ['10.0.0.0/16'] })).toMatchObject({
        rules: [{ access: 'Allow', priority: 120, source_address_prefix: '10.0.0.0/16' }],
        scoring: { healthAddress: '0.0.0.0' },
      });
    });

    it('run the scoring server and the accelerator, as their user data says', () => {
      const json = synth();
      const configuration = machineConfiguration(json);
      const { modelVersion } = declareFpgaService(project, azureStack(project)).model!;
      expect(configuration).toEqual({
        version: 1,
        identityClientId: `<${json.address('azurerm_user_assigned_identity')}.client_id>`,
        registries: ['https://scoring.azurecr.io'],
        scoring: { image: image.imageUri, port: 80 },
        accelerator: { image: ACCELERATOR, devices: 1, args: [], environment: {} },
        server: {
          model: {
            name: 'pets',
            version: modelVersion,
            path: '/opt/cdktf-brainwave/model/service-definition.zip',
          },
          host: '0.0.0.0',
          port: 50_051,
          healthPort: 8081,
          accelerator: { protocol: 'kserve-v2', address: 'accelerator:8001' },
        },
      });
      expect(json.only(SCALE_SET).user_data).toMatch(
        /^\$\{base64encode\(local\.Service_Fpga_Configuration_\w+\)\}$/,
      );
    });

    it('may pull the image, and nothing else', () => {
      expect(synth().only('azurerm_role_assignment')).toMatchObject({
        role_definition_name: 'AcrPull',
        scope: REGISTRY_ID,
      });
    });

    it('begin when the way out, their roles and the accepted terms are there', () => {
      const json = synth({ service: { ssl: CERTIFICATE } });
      const after = (json.only(SCALE_SET).depends_on as string[]).map(withoutDigits);
      expect(after).toEqual(
        expect.arrayContaining([
          'azurerm_lb_rule.Service_Fpga_Network_Rule',
          'azurerm_lb_outbound_rule.Service_Fpga_Network_OutboundRule',
          'azurerm_role_assignment.Service_Fpga_PullRole',
          'azurerm_role_assignment.Service_Fpga_CertificateRole',
          'azurerm_key_vault_secret.Service_Fpga_Secrets_PrimaryKeySecret',
          'azurerm_marketplace_agreement.MarketplaceAgreement-xilinx-vitis2022_1_ubuntu2004_development_image-vitis2022_1_ubuntu2004',
        ]),
      );
    });

    it('warn when Azure retires them', () => {
      expect(synth().warnings).toContainEqual(
        'stack/Service: Azure retires the NP series (Standard_NP10s) on 2027-05-31 and stops its machines; ' +
          'AksCompute with Accelerator.gpu(…) runs the same model definition',
      );
    });
  });

  it('have a private address and use the subnets of a private network', () => {
    const subnets =
      '/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/spoke/subnets';
    const json = synth((stack) => {
      const network = PrivateNetwork.fromSubnetIds(stack, 'Spoke', {
        nodeSubnetId: `${subnets}/nodes`,
        endpointSubnetId: `${subnets}/endpoints`,
        serviceSubnetId: `${subnets}/services`,
      });
      return { compute: { networkIsolation: NetworkIsolation.privateEndpoints({ network }) } };
    });
    expect(json.only('azurerm_lb').frontend_ip_configuration).toMatchObject([
      { subnet_id: `${subnets}/services`, private_ip_address_allocation: 'Dynamic' },
    ]);
    expect(json.all('azurerm_public_ip')).toEqual([]);
    expect(json.all('azurerm_lb_outbound_rule')).toEqual([]);
    expect(JSON.stringify(json.only(SCALE_SET).network_interface)).toContain(`"${subnets}/nodes"`);
  });

  it('apply every property', () => {
    const json = synth((stack) => ({
      compute: {
        accelerator: {
          image: 'amd.azurecr.io/server:2',
          containerRegistryId: `${REGISTRY_ID}amd`,
          protocol: ModelServerProtocol.TENSORFLOW_SERVING,
          port: 9000,
          entrypoint: '/serve',
          args: ['--model', '${pets}'],
          environment: { XILINX_XRT: '/opt/xilinx/xrt' },
          modelName: 'resnet',
          modelVersion: '3',
          inputTensor: 'in',
          outputTensor: 'out',
          maxBatch: 64,
          maxBatchDelayMs: 5,
          maxMessageBytes: 8_388_608,
          devices: 1,
        },
        vmSize: FpgaVmSize.NP20S,
        machineImage: FpgaImage.marketplace({
          publisher: 'amd',
          offer: 'xrt',
          plan: 'xrt2204',
          version: '1.2.3',
          terms: MarketplaceTerms.ACCEPTED_ALREADY,
        }),
        resourceGroupName: 'machines',
        location: 'North Europe',
        additionalRegions: ['northeurope'],
        port: 8443,
        allowedSourceRanges: ['203.0.113.0/24'],
        subnetId: '/subscriptions/s/subnets/scoring',
        addressZones: ['2'],
        machineZones: ['2'],
        adminUsername: 'operator',
        osDiskSizeGb: 512,
        keyVaultId: `${VAULT_ID}-2`,
        secretsOfficers: ['alice', 'pipeline'],
        provider: new AzurermProvider(stack, 'other', { features: [{}], alias: 'other' }),
        tags: { team: 'pets' },
      },
      service: { ssl: CERTIFICATE, replicas: 3, maxInFlight: 7 },
    }));
    expect(json.only(SCALE_SET)).toMatchObject({
      provider: 'azurerm.other',
      resource_group_name: 'machines',
      location: 'North Europe',
      sku: 'Standard_NP20s',
      instances: 3,
      zones: ['2'],
      admin_username: 'operator',
      os_disk: { disk_size_gb: 512 },
      tags: { team: 'pets' },
      plan: { publisher: 'amd', product: 'xrt', name: 'xrt2204' },
      source_image_reference: { publisher: 'amd', offer: 'xrt', sku: 'xrt2204', version: '1.2.3' },
      rolling_upgrade_policy: { max_batch_instance_percent: 34, max_unhealthy_upgraded_instance_percent: 20 },
      network_interface: [{ ip_configuration: [{ subnet_id: '/subscriptions/s/subnets/scoring' }] }],
    });
    expect(json.all('azurerm_virtual_network')).toEqual([]);
    expect(json.all('azurerm_marketplace_agreement')).toEqual([]);
    expect(json.only('azurerm_public_ip')).toMatchObject({ zones: ['2'], provider: 'azurerm.other' });
    expect(json.only('azurerm_lb_rule')).toMatchObject({ frontend_port: 8443 });
    expect(json.all('azurerm_network_security_rule')).toContainEqual(
      expect.objectContaining({
        destination_port_range: '8443',
        source_address_prefix: '203.0.113.0/24',
      }),
    );
    expect(machineConfiguration(json)).toMatchObject({
      registries: ['https://scoring.azurecr.io', 'https://amd.azurecr.io'],
      accelerator: {
        image: 'amd.azurecr.io/server:2',
        devices: 1,
        entrypoint: '/serve',
        args: ['--model', '${pets}'],
        environment: { XILINX_XRT: '/opt/xilinx/xrt' },
      },
      server: {
        maxInFlight: 7,
        accelerator: {
          protocol: 'tensorflow-serving',
          address: 'accelerator:9000',
          modelName: 'resnet',
          modelVersion: '3',
          maxBatch: 64,
          maxBatchDelayMs: 5,
          maxMessageBytes: 8_388_608,
          inputTensor: 'in',
          outputTensor: 'out',
        },
      },
    });
    const roles = json
      .all('azurerm_role_assignment')
      .map(({ role_definition_name: role, scope, principal_id: who }) => ({ role, scope, who }));
    expect(roles).toContainEqual(expect.objectContaining({ role: 'AcrPull', scope: `${REGISTRY_ID}amd` }));
    for (const who of ['alice', 'pipeline']) {
      expect(roles).toContainEqual({ role: 'Key Vault Secrets Officer', scope: `${VAULT_ID}-2`, who });
    }
  });

  it('accept a network of another size, a custom image, and regions without zones', () => {
    const json = synth({
      compute: {
        addressSpace: '10.1.0.0/28',
        location: 'westus',
        additionalRegions: ['West US'],
        machineImage: FpgaImage.fromImageId('/subscriptions/s/images/xrt'),
      },
    });
    expect(json.only('azurerm_virtual_network')).toMatchObject({ address_space: ['10.1.0.0/28'] });
    expect(json.only('azurerm_public_ip')).not.toHaveProperty('zones');
    expect(json.only(SCALE_SET)).toMatchObject({ source_image_id: '/subscriptions/s/images/xrt' });
    expect(json.only(SCALE_SET)).not.toHaveProperty('plan');
    expect(json.all('azurerm_marketplace_agreement')).toEqual([]);
  });

  it('assign all FPGAs of the machine to the accelerator, unless it requests fewer', () => {
    const devices = (accelerator: { image: string; devices?: number }) =>
      machineConfiguration(synth({ compute: { vmSize: FpgaVmSize.NP40S, accelerator } }));
    expect(devices({ image: ACCELERATOR })).toMatchObject({ accelerator: { devices: 4 } });
    expect(devices({ image: ACCELERATOR, devices: 2 })).toMatchObject({ accelerator: { devices: 2 } });
  });

  it('get a role to pull once, also where the registry is asked for twice', () => {
    const json = synth((stack) => {
      const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
      return {
        workspace,
        compute: {
          image: { ...image, containerRegistryId: workspace.containerRegistry?.id },
          accelerator: { image: ACCELERATOR, containerRegistryId: workspace.containerRegistry?.id },
        },
      };
    });
    expect(
      json.all('azurerm_role_assignment').filter(({ role_definition_name: role }) => role === 'AcrPull'),
    ).toHaveLength(1);
  });

  describe('with TLS', () => {
    it('read a certificate of Key Vault there, also when it is renewed, and its key never reaches Terraform', () => {
      const json = synth({ service: { ssl: CERTIFICATE } });
      expect(machineConfiguration(json)).toMatchObject({
        scoring: { port: 443 },
        secrets: { certificate: { bundle: 'https://scoring.vault.azure.net/secrets/scoring' } },
        server: {
          tls: { certificateFile: 'certificate.pem', privateKeyFile: 'private-key.pem' },
          keyFile: 'keys.json',
        },
      });
      expect(json.all('azurerm_role_assignment')).toContainEqual(
        expect.objectContaining({
          role_definition_name: 'Key Vault Secrets User',
          scope: `${VAULT_ID}/secrets/scoring`,
        }),
      );
      expect(json.all('azurerm_key_vault_secret').map(({ name }) => name)).toEqual([
        'stack-service-fpga-secrets-primary-key',
        'stack-service-fpga-secrets-secondary-key',
      ]);
    });

    it('read generated keys as secrets of the vault, each with a role for it alone', () => {
      const json = synth({ service: { ssl: CERTIFICATE } });
      const text = withoutDigits(JSON.stringify(machineConfiguration(json)));
      expect(text).toContain(
        '"primary":"<azurerm_key_vault_secret.Service_Fpga_Secrets_PrimaryKeySecret.versionless_id>"',
      );
      const scopes = json
        .all('azurerm_role_assignment')
        .filter(({ role_definition_name: role }) => role === 'Key Vault Secrets User')
        .map(({ scope }) => withoutDigits(String(scope)));
      expect(scopes.sort()).toEqual([
        '${azurerm_key_vault_secret.Service_Fpga_Secrets_PrimaryKeySecret.resource_versionless_id}',
        '${azurerm_key_vault_secret.Service_Fpga_Secrets_SecondaryKeySecret.resource_versionless_id}',
        `${VAULT_ID}/secrets/scoring`,
      ]);
    });

    it('get a certificate of sensitive variables through the vault', () => {
      const json = synth((stack) => ({
        service: {
          ssl: SslSettings.fromVariables({
            hostname: 'scoring.example.com',
            certificate: new TerraformVariable(stack, 'certificate', { sensitive: true }),
            privateKey: new TerraformVariable(stack, 'private_key', { sensitive: true }),
          }),
        },
      }));
      const secrets = json.all('azurerm_key_vault_secret');
      expect(secrets.map(({ value_wo: value }) => value)).toEqual(
        expect.arrayContaining(['${sensitive(var.certificate)}', '${sensitive(var.private_key)}']),
      );
      expect(secrets.map(({ value }) => value)).toEqual([undefined, undefined, undefined, undefined]);
      expect(secrets.map(({ value_wo_version: version }) => version)).toContain(
        '${parseint(join("", ["1", substr(sha256(sensitive(var.private_key)), 0, 6)]), 16)}',
      );
      expect(withoutDigits(JSON.stringify(machineConfiguration(json)))).toContain(
        '"privateKey":"<azurerm_key_vault_secret.Service_Fpga_Secrets_PrivateKeySecret.versionless_id>"',
      );
    });

    it('read keys that are in a vault there, without a copy', () => {
      const json = synth({
        service: { ssl: CERTIFICATE, keys: ApiKeys.fromKeyVaultSecrets({ keyVaultId: VAULT_ID }) },
      });
      expect(json.all('azurerm_key_vault_secret')).toEqual([]);
      expect(json.all('terraform_data')).toEqual([]);
      expect(withoutDigits(JSON.stringify(machineConfiguration(json)))).toContain(
        '"primary":"<data.azapi_resource.Service_PrimaryKeyVersion.output.properties.secretUriWithVersion>"',
      );
    });

    it('read keys that are generated in a vault, and get their rotation', () => {
      const keys = (primaryRotation: number) => ({
        service: {
          ssl: CERTIFICATE,
          keys: ApiKeys.generatedInKeyVault({ keyVaultId: VAULT_ID, primaryRotation }),
        },
      });
      const json = synth(keys(2));
      expect(json.only('terraform_data').triggers_replace).toEqual({ keys: '2/1' });
      expect(withoutDigits(JSON.stringify(machineConfiguration(json)))).toContain(
        '"primary":"<azurerm_key_vault_secret.Service_PrimaryKeySecret.versionless_id>"',
      );
      expect(json.all('random_password')).toEqual([]);
    });

    it('allow the deploying identity to write secrets to a created vault, but not to an existing one', () => {
      const own = synth((stack) => ({
        workspace: new Workspace(stack, 'Workspace', { location: 'westeurope' }),
        service: { ssl: CERTIFICATE },
      }));
      const officers = (json: TerraformJson) =>
        json
          .all('azurerm_role_assignment')
          .filter(({ role_definition_name: role }) => role === 'Key Vault Secrets Officer')
          .map(({ principal_id: who }) => who);
      // The other one is the workspace's own identity.
      expect(officers(own)).toContain('${data.azurerm_client_config.AzureClient.object_id}');
      expect(own.all('azurerm_key_vault_secret')[0].depends_on).toEqual([
        expect.stringMatching(/^azurerm_role_assignment\.SecretsOfficer-[0-9a-f]{8}$/),
      ]);
      expect(officers(synth({ service: { ssl: CERTIFICATE } }))).toEqual([]);
    });

    // Azure refuses a second assignment of a role, and azurerm accepts terms that are not accepted yet.
    // @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs/resources/marketplace_agreement
    it('share with the other services of their stack what a vault and a subscription have once', () => {
      const stack = azureStack(project);
      const workspace = new Workspace(stack, 'Workspace', { location: 'westeurope' });
      const service = declareFpgaService(project, stack, { workspace, service: { ssl: CERTIFICATE } });
      const other = new BrainwaveWebservice(stack, 'Other', {
        model: service.model!,
        ssl: CERTIFICATE,
        compute: new FpgaCompute({ accelerator: { image: ACCELERATOR }, sshPublicKey: SSH_KEY, image }),
      });

      const json = new TerraformJson(stack);
      const officers = json
        .all('azurerm_role_assignment')
        .filter(({ role_definition_name: role }) => role === 'Key Vault Secrets Officer');
      // One for the deploying identity, and that of the workspace.
      expect(officers).toHaveLength(2);
      expect(json.all('azurerm_marketplace_agreement')).toHaveLength(1);
      expect(FpgaService.of(other).marketplaceAgreement).toBe(FpgaService.of(service).marketplaceAgreement);
    });

    it('put no secret, and no access to one, into custom data or the JSON', () => {
      const json = synth({ service: { ssl: CERTIFICATE } });
      const customData = Buffer.from(String(json.only(SCALE_SET).custom_data), 'base64').toString();
      expect(customData).toMatch(/^#cloud-config\n/);
      expect(customData).not.toMatch(
        /vault\.azure\.net\/secrets|BEGIN [A-Z ]*PRIVATE KEY-----\\n[A-Za-z0-9+/]/,
      );
      expect(json.json).not.toMatch(/BEGIN [A-Z ]*PRIVATE/);
    });
  });

  it('answer on the address, with keys that other stacks can read', () => {
    const stack = azureStack(project);
    const service = declareFpgaService(project, stack, { service: { ssl: CERTIFICATE } });
    expect(service.port).toBe(443);
    expect(service.hostname).toBe('scoring.example.com');
    expect(Token.isUnresolved(service.ipAddress)).toBe(true);
    expect(Token.isUnresolved(service.primaryKey)).toBe(true);
    expect(FpgaService.of(service).scaleSet.terraformResourceType).toBe(SCALE_SET);
    expect(FpgaService.of(service).node.defaultChild).toBe(FpgaService.of(service).scaleSet);
    const json = new TerraformJson(stack);
    expect(JSON.parse(json.json)).not.toHaveProperty('output');
  });

  it('are smoke-tested once they serve what was deployed', () => {
    const stack = azureStack(project);
    const service = declareFpgaService(project, stack, {
      service: { ssl: CERTIFICATE, replicas: 2 },
    });
    new SmokeTest(stack, 'SmokeTest', { service, samples: [Sample.image(project.image())] });
    const json = new TerraformJson(stack);
    const [test] = json.all('terraform_data').filter(({ provisioner }) => provisioner !== undefined);
    const provisioners = test.provisioner as { 'local-exec': { environment: Record<string, string> } }[];
    const specification = provisioners[1]['local-exec'].environment.CDKTF_BRAINWAVE_SPECIFICATION;
    expect(specification).toContain('"rollout":{"connections":8}');
    expect(withoutDigits(specification)).toContain('"revision":${jsonencode(sha');
    expect(specification).toContain('"readyTimeoutSeconds":2100');
    expect(withoutDigits(JSON.stringify(test.depends_on))).toContain(`${SCALE_SET}.Service_Fpga_ScaleSet`);
    expect(withoutDigits(JSON.stringify(test.triggers_replace))).toContain(
      'local.Service_Fpga_Configuration',
    );
  });

  it('synthesize the same JSON twice', () => {
    expect(synth({ service: { ssl: CERTIFICATE } }).json).toBe(synth({ service: { ssl: CERTIFICATE } }).json);
  });

  it('can all be tagged', () => {
    const stack = azureStack(project);
    declareFpgaService(project, stack, { service: { ssl: CERTIFICATE } });
    tagAll(stack, { team: 'pets' });
    const json = new TerraformJson(stack);
    for (const type of [
      SCALE_SET,
      'azurerm_public_ip',
      'azurerm_lb',
      'azurerm_virtual_network',
      'azurerm_network_security_group',
      'azurerm_user_assigned_identity',
    ]) {
      expect([type, json.only(type).tags]).toEqual([type, { team: 'pets' }]);
    }
    expect(json.all('azurerm_key_vault_secret').map(({ tags }) => tags)).toEqual([
      { team: 'pets' },
      { team: 'pets' },
    ]);
  });

  describe('when something changes', () => {
    /** What a change changes, beside the model's registration. */
    function change(before: FpgaVariation, after: FpgaVariation): ReturnType<typeof difference> {
      return difference(synth(before), synth(after));
    }

    it('switch the model in place: only their user data changes', () => {
      const service = { ssl: CERTIFICATE };
      const before = synth({ service });
      const imageUri = 'scoring.azurecr.io/pets:5678';
      const after = synth({ service, compute: { image: { ...image, imageUri } } });
      expect(difference(before, after)).toEqual({ added: [], removed: [], changed: {} });
      expect(machineConfiguration(before)).toMatchObject({ scoring: { image: image.imageUri } });
      expect(machineConfiguration(after)).toMatchObject({ scoring: { image: imageUri } });
    });

    it('enable TLS in place: the rules of the port change, and the address stays', () => {
      const { changed, removed, added } = change({}, { service: { ssl: CERTIFICATE } });
      expect(removed).toEqual([]);
      expect(changed).toEqual({
        azurerm_lb_rule: ['backend_port', 'frontend_port'],
        azurerm_network_security_rule: ['destination_port_range'],
        [SCALE_SET]: ['depends_on'],
      });
      expect([...new Set(added)].sort()).toEqual([
        'azurerm_key_vault_secret',
        'azurerm_role_assignment',
        'random_password',
        'terraform_data',
      ]);
    });

    // azurerm updates a secret's value in place and plans it with the id, version and resource_id of the former version.
    // @see https://registry.terraform.io/providers/hashicorp/azurerm/4.55.0/docs/resources/key_vault_secret#attributes-reference
    it('accept a changed secret with one apply: a new value is a new configuration, under addresses that stay', () => {
      const json = synth((stack) => ({
        service: {
          ssl: SslSettings.fromVariables({
            hostname: 'scoring.example.com',
            certificate: new TerraformVariable(stack, 'certificate', { sensitive: true }),
            privateKey: new TerraformVariable(stack, 'private_key', { sensitive: true }),
          }),
        },
      }));
      const triggers = withoutDigits(JSON.stringify(json.only('terraform_data').triggers_replace));
      expect(JSON.parse(triggers)).toEqual({
        certificate: '${sha256(sensitive(var.certificate))}',
        'private-key': '${sha256(sensitive(var.private_key))}',
        'primary-key': '${sha256(sensitive(random_password.Service_Fpga_Secrets_PrimaryKey.result))}',
        'secondary-key': '${sha256(sensitive(random_password.Service_Fpga_Secrets_SecondaryKey.result))}',
      });
      expect(withoutDigits(JSON.stringify(machineConfiguration(json)))).toContain(
        '"revision":"<terraform_data.Service_Fpga_Secrets_Revision.id>"',
      );
      expect(withoutDigits(json.json)).not.toMatch(
        /azurerm_key_vault_secret\.\w+\.(id|version|resource_id)\b/,
      );
    });

    it('rotate a key in place', () => {
      const keys = (primaryRotation: string) => ApiKeys.generated({ primaryRotation });
      expect(
        change(
          { service: { ssl: CERTIFICATE, keys: keys('1') } },
          { service: { ssl: CERTIFICATE, keys: keys('2') } },
        ),
      ).toEqual({ added: [], removed: [], changed: { random_password: ['keepers.rotation'] } });
    });

    it('get more replicas in place', () => {
      expect(change({}, { service: { replicas: 3 } })).toEqual({
        added: [],
        removed: [],
        changed: {
          [SCALE_SET]: [
            'instances',
            'rolling_upgrade_policy.max_batch_instance_percent',
            'rolling_upgrade_policy.max_unhealthy_upgraded_instance_percent',
          ],
        },
      });
    });
  });

  describe('are rejected', () => {
    it('without an accelerator image', () => {
      const expected =
        'Service: accelerator.image is missing; set it to the image of a model server with the model compiled for the ' +
        'Alveo U250 that supports the gRPC API of KServe or TensorFlow Serving';
      expect(refused({ compute: { accelerator: { image: '' } } })).toBe(expected);
      expect(refused({ compute: { accelerator: undefined } })).toBe(expected);
    });

    it('rejects a region without FPGAs, unless it is listed as additional', () => {
      const inNorthEurope = (stack: TerraformStack) => ({
        workspace: existingWorkspace(stack, 'northeurope'),
      });
      expect(refused(inNorthEurope)).toBe(
        'Service: location is "northeurope", where Azure has no FPGA machines (NP series); expected one of eastus, westus2, ' +
          'southcentralus, westeurope, southeastasia, japaneast, canadacentral; set location of FpgaCompute or, if ' +
          "Azure now offers them there, additionalRegions: ['northeurope']",
      );
      expect(() =>
        synth((stack) => ({ ...inNorthEurope(stack), compute: { additionalRegions: ['North Europe'] } })),
      ).not.toThrow();
    });

    it('not for a region that only Terraform knows', () => {
      expect(() =>
        synth((stack) => ({
          compute: { location: new TerraformVariable(stack, 'location', {}).stringValue },
        })),
      ).not.toThrow();
    });

    it('for more FPGAs than a machine has, and for more machines than an address serves', () => {
      const wants = (devices: number, vmSize?: FpgaVmSize) =>
        ({ compute: { accelerator: { image: ACCELERATOR, devices }, ...(vmSize && { vmSize }) } }) as const;
      expect(refused(wants(2))).toBe(
        'Service: accelerator.devices is 2, but a Standard_NP10s machine has 1 and a replica runs on one machine; ' +
          'choose a larger vmSize or lower accelerator.devices',
      );
      expect(refused(wants(0))).toBe(
        'Service: accelerator.devices is 0; expected a whole number of at least 1',
      );
      expect(refused({ service: { replicas: 63 } })).toBe(
        'Service: replicas is 63; expected a whole number from 1 to 62, because one IP address has outbound ports for 62 machines',
      );
      const json = synth(wants(3, FpgaVmSize.custom('Standard_NP60s', 3)));
      expect(machineConfiguration(json)).toMatchObject({ accelerator: { devices: 3 } });
    });

    it('with replicas that are known only at apply', () => {
      const replicas = (stack: TerraformStack) => new TerraformVariable(stack, 'replicas', {}).numberValue;
      expect(refused((stack) => ({ service: { replicas: replicas(stack) } }))).toBe(
        'Service: replicas is known only at apply, but the size of upgrade batches is computed from it at synth; ' +
          'set a literal number',
      );
    });

    it('rejects a certificate that only LocalCompute can generate', () => {
      expect(refused({ service: { ssl: SslSettings.selfSigned({ hostname: 'scoring.example.com' }) } })).toBe(
        'Service/Fpga/Secrets: SslSettings.selfSigned is supported only by LocalCompute, because it generates the certificate ' +
          'on the local machine; on Azure, use fromKeyVaultCertificate (a vault can also create self-signed certificates), fromVariables or fromPemFiles',
      );
    });

    it.each([
      [
        { port: 80 },
        true,
        'port is 80, where clients expect plaintext, but TLS is enabled; omit port to use 443, or set another port',
      ],
      [
        { port: 443 },
        false,
        'port is 443, where clients expect TLS, but TLS is disabled; set ssl, or omit port to use 80',
      ],
      [
        { port: 8082 },
        false,
        "port is 8082, which is reserved for the load balancer's health probe; choose another port",
      ],
      [
        { port: 8081 },
        false,
        'port is 8081, which is reserved for metrics and health checks; choose another port',
      ],
      [
        { metricsSourceRanges: [] },
        false,
        'metricsSourceRanges is empty, which opens the metrics to nobody; omit it, or set the ranges of your Prometheus',
      ],
      [{ port: 0 }, false, 'port is 0; expected a whole number from 1 to 65535'],
      [
        { allowedSourceRanges: [] },
        false,
        'allowedSourceRanges is empty, which would block every client; omit it to allow any address',
      ],
      [
        { allowedSourceRanges: ['203.0.113.0/24', 'AzureCloud'] },
        false,
        'allowedSourceRanges contains the service tag "AzureCloud" and other ranges, but Azure accepts only a single tag; ' +
          'set either one service tag or only CIDRs',
      ],
      [{ osDiskSizeGb: 1 }, false, 'osDiskSizeGb is 1; expected a whole number from 30 to 4095'],
      [
        { accelerator: { image: ACCELERATOR, port: 70_000 } },
        false,
        'accelerator.port is 70000; expected a whole number from 1 to 65535',
      ],
      [
        { accelerator: { image: ACCELERATOR, maxBatchDelayMs: -1 } },
        false,
        'accelerator.maxBatchDelayMs is -1; expected a whole number of at least 0',
      ],
      [
        { adminUsername: 'root' },
        false,
        'adminUsername is "root"; expected 1 to 32 lowercase letters, digits, "-" and "_", starting with a letter, and none of ' +
          'admin, administrator, root, guest, test, user',
      ],
      [
        { keyVaultId: 'my-vault' },
        false,
        `keyVaultId is "my-vault"; expected a vault's ARM id, such as ` +
          '/subscriptions/…/resourceGroups/…/providers/Microsoft.KeyVault/vaults/my-vault',
      ],
      [
        { resourceGroupName: 'a/b' },
        false,
        'resourceGroupName is "a/b"; a resource group has 1 to 90 letters, digits, "_", "-", "(", ")" and ".", not ending with "."',
      ],
      [
        { machineImage: FpgaImage.marketplace({ publisher: 'amd', offer: '', plan: 'xrt' }) },
        false,
        "the machine image's offer is empty; set the value that `az vm image list --all --publisher …` prints",
      ],
    ])('with %j', (compute, tls, message) => {
      expect(refused({ compute, ...(tls && { service: { ssl: CERTIFICATE } }) })).toBe(`Service: ${message}`);
    });

    it('rejects an invalid public key, without showing it', () => {
      const message = refused({ compute: { sshPublicKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0' } });
      expect(message).toContain(
        'sshPublicKey is not a public key that Azure accepts; expected the content of a file',
      );
      expect(message).not.toContain('c2VjcmV0');
    });

    it('for a model that no workspace on Azure has', () => {
      expect(refused((stack) => ({ workspace: new LocalWorkspace(stack, 'Local') }))).toBe(
        'Service: the model "pets" is not registered in a workspace on Azure, so resourceGroupName and location are ' +
          'missing; register it in a Workspace, or set resourceGroupName and location',
      );
    });

    it('with secrets and no vault for them', () => {
      const message = refused((stack) => ({
        workspace: new LocalWorkspace(stack, 'Local'),
        compute: { resourceGroupName: 'scoring', location: 'westeurope' },
        service: { ssl: CERTIFICATE },
      }));
      expect(message).toBe(
        'Service/Fpga/Secrets: the machines read keys and certificates from a key vault, but the workspace has none; ' +
          'set keyVaultId of FpgaCompute',
      );
    });
  });

  it('warn where the model leaves the FPGAs unused', () => {
    expect(synth({ definition: project.definition() }).warnings).toContainEqual(
      'stack/Service: the model "pets" has no brainwave stage, so its FPGAs stay unused; ' +
        'make the stage a brainwave stage, or choose a compute without FPGAs',
    );
    expect(synth({ definition: acceleratedDefinition(project) }).warnings.join()).not.toContain('unused');
  });

  it('are named as such where another compute is asked for', () => {
    const stack = azureStack(project);
    expect(refusal(() => FpgaService.of(stack))).toContain('pass a service whose compute is FpgaCompute');
    expect(new FpgaCompute({ accelerator: { image: 'a' }, sshPublicKey: SSH_KEY })).toBeDefined();
  });
});
