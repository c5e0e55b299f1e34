import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import {
  Accelerator,
  ApiKeys,
  type Autoscaling,
  BrainwaveWebservice,
  KubernetesAccess,
  KubernetesCluster,
  KubernetesCompute,
  KubernetesService,
  RegisteredModel,
  Rollout,
  Sample,
  ScoringImage,
  SmokeTest,
  type SmokeTestRunner,
  SslSettings,
} from '../../../constructs';
import { TerraformVariable, type TerraformStack } from 'cdktf';

import type { Outcome } from '../../e2e/terraform-project';
import { TerraformProject } from '../../e2e/terraform-project';
import type { IssuedCertificate } from '../../support/certificates';
import { redImage } from './callers';
import { testCluster } from './cluster-connection';
import { COLORS } from '../../support/color-model';
import { IMAGES } from './images';
import { getObject } from './kubectl';
import { convertStack, terraformEnvironment } from './stack-conversion';

/** Host name of the certificates of all services. */
export const HOSTNAME = 'scoring.test';

/** Time in which an apply gets to any of its steps. */
const ROLLOUT_MS = 120_000;

/** What a service is like. */
export interface ScoringServiceProps {
  /** @default IMAGES.first */
  readonly image?: string;
  /** @default 2 */
  readonly replicas?: number;
  /** @default - no TLS and no keys */
  readonly tls?: {
    readonly certificate: IssuedCertificate;
    readonly root: string;
    readonly keys: ServiceKeys;
  };
  /** @default Rollout.rolling() */
  readonly rollout?: Rollout;
  /** @default - a fixed number of replicas */
  readonly autoscaling?: Autoscaling;
  /** Maximum age of connections. @default - that of the construct */
  readonly maxConnectionAgeSeconds?: number;
  /** Whether the nodes have a GPU, which a model server uses. @default false */
  readonly isOnGpu?: boolean;
  /** Where the smoke test runs. @default - where Terraform runs */
  readonly runner?: SmokeTestRunner;
  /** Time without progress after which a rollout has failed. @default - that of the construct */
  readonly progressDeadlineSeconds?: number;
}

export interface ServiceKeys {
  readonly primary: string;
  readonly secondary: string;
}

/** A project with a stack of one service on the test cluster, and its smoke test. */
export class ScoringProject {
  static async create(name: string): Promise<ScoringProject> {
    const terraform = new TerraformProject(`${name}-`);
    writeFileSync(path.join(terraform.folder, 'red.png'), await redImage());
    return new ScoringProject(terraform, name);
  }

  private props: ScoringServiceProps = {};
  private isInitialized = false;

  private constructor(
    private readonly terraform: TerraformProject,
    /** Name of the service and of its namespace. */
    readonly name: string,
  ) {}

  /**
   * Synthesizes the stack and applies it, as `cdktf deploy` does.
   * @returns the output of Terraform
   * @throws Error with the output of Terraform, if it fails
   */
  async deploy(props: ScoringServiceProps): Promise<string> {
    return requireOk(await this.tryDeploy(props));
  }

  /** Synthesizes the stack and applies it, which may fail. */
  async tryDeploy(props: ScoringServiceProps): Promise<Outcome> {
    await this.synth(props);
    const { ok, output } = await this.terraform.apply(this.environment());
    // Plans are thousands of lines.
    return { ok, output: output.slice(Math.max(0, output.search(/^Plan: /m))) };
  }

  /** Synthesizes the stack. */
  async synth(props: ScoringServiceProps): Promise<void> {
    this.props = props;
    const file = (name: string, content: string) => {
      writeFileSync(path.join(this.terraform.folder, name), content, { mode: 0o600 });
      return name;
    };
    if (props.tls) {
      file('root.pem', props.tls.root);
    }
    this.terraform.synth((stack) => {
      this.declare(stack, props);
    });
    this.limitConnectionAge(props);
    convertStack(this.terraform.stackFolder);
    if (!this.isInitialized) {
      requireOk(await this.terraform.terraformIn('e2e', this.environment(), 'init', '-input=false'));
      this.isInitialized = true;
    }
  }

  /** Whether a plan would change something. */
  async hasChanges(): Promise<boolean> {
    const args = ['plan', '-detailed-exitcode', '-input=false'];
    const { ok, output } = await this.terraform.terraformIn('e2e', this.environment(), ...args);
    if (!ok && !output.includes('Plan:')) {
      throw new Error(output);
    }
    return !ok;
  }

  async destroy(): Promise<Outcome> {
    return this.terraform.destroy(this.environment());
  }

  /** Destroys what is left, and removes the folder. */
  async remove(): Promise<void> {
    requireOk(await this.destroy());
    await this.terraform.remove();
  }

  /** Applies, and interrupts Terraform as Ctrl-C does, once it has written a text. */
  async interrupt(props: ScoringServiceProps, at: RegExp): Promise<void> {
    await this.synth(props);
    const running = await this.terraform.startWith(
      this.environment(),
      ...['apply', '-auto-approve', '-input=false'],
    );
    try {
      await running.wrote(at, ROLLOUT_MS);
    } finally {
      running.signal('SIGINT');
      await running.ended;
    }
  }

  /** Environment of Terraform and of what it runs. */
  private environment(): NodeJS.ProcessEnv {
    const { tls } = this.props;
    return {
      ...terraformEnvironment(),
      ...(tls && {
        TF_VAR_certificate: tls.certificate.chain,
        TF_VAR_private_key: tls.certificate.privateKey,
        TF_VAR_primary_key: tls.keys.primary,
        TF_VAR_secondary_key: tls.keys.secondary,
      }),
    };
  }

  /** Options of clients that call the deployed service. */
  async clientOptions() {
    const { status, spec } = (await getObject('service', this.name, '--namespace', this.name)) as {
      status: { loadBalancer: { ingress: { ip: string }[] } };
      spec: { ports: { port: number }[] };
    };
    const address = `${status.loadBalancer.ingress[0].ip}:${spec.ports[0].port}`;
    const { tls } = this.props;
    return tls
      ? { address, serverName: HOSTNAME, rootCertificates: tls.root, key: tls.keys.primary }
      : { address, plaintext: true };
  }

  /** The construct has no property for it: five minutes are too long only for a test. */
  private limitConnectionAge({ maxConnectionAgeSeconds }: ScoringServiceProps): void {
    if (maxConnectionAgeSeconds !== undefined) {
      const file = path.join(this.terraform.stackFolder, 'cdk.tf.json');
      const age = /(?<=maxConnectionAgeSeconds[\\"]*:\s*)\d+/g;
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(age, String(maxConnectionAgeSeconds)));
    }
  }

  private declare(stack: TerraformStack, props: ScoringServiceProps): void {
    const { image = IMAGES.first, replicas = 2, tls, rollout, progressDeadlineSeconds, runner } = props;
    const cluster = new KubernetesCluster(stack, 'Cluster', {
      access: KubernetesAccess.kubeconfig({ file: testCluster().kubeconfigFile }),
      ...(props.isOnGpu && {
        accelerator: Accelerator.custom({ devicesPerNode: 1, resourceName: 'nvidia.com/gpu' }),
      }),
    });
    const secret = (name: string) =>
      new TerraformVariable(stack, name, { type: 'string', sensitive: true, nullable: false });
    const service = new BrainwaveWebservice(stack, 'Service', {
      serviceName: this.name,
      model: RegisteredModel.fromRegisteredModelAttributes(stack, 'Model', {
        modelName: 'model',
        modelVersion: image.split(':')[1],
        labels: COLORS,
      }),
      replicas,
      ...(tls && {
        ssl: SslSettings.fromVariables({
          certificate: secret('certificate'),
          privateKey: secret('private_key'),
          hostname: HOSTNAME,
          rootCertificateFile: 'root.pem',
        }),
        keys: ApiKeys.fromVariables({
          primaryKey: secret('primary_key'),
          secondaryKey: secret('secondary_key'),
        }),
      }),
      compute: new KubernetesCompute({
        cluster,
        image: ScoringImage.fromScoringImageAttributes(stack, 'Image', { imageUri: image }),
        resources: { cpuCores: 0.05, cpuLimitCores: 1, memoryMiB: 128, memoryLimitMiB: 1024 },
        rollout,
        autoscaling: props.autoscaling,
      }),
    });
    const { deployment } = KubernetesService.of(service);
    // A pod that is not stable only costs a test time.
    deployment.addOverride('spec.min_ready_seconds', 1);
    if (progressDeadlineSeconds !== undefined) {
      deployment.addOverride('spec.progress_deadline_seconds', progressDeadlineSeconds);
    }
    new SmokeTest(stack, 'SmokeTest', {
      service,
      samples: [Sample.image('red.png')],
      expect: { label: 'red' },
      runner,
      warmCalls: { count: 1 },
    });
  }
}

function requireOk({ ok, output }: Outcome): string {
  if (!ok) {
    throw new Error(output);
  }
  return output;
}
