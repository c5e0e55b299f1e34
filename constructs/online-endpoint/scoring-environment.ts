import { createHash } from 'node:crypto';

import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { nameFromPath } from '../azure/derived-name';
import { literalText } from '../terraform/json-template';
import { ConstructError, withConstructPath, requireKnownProps } from '../validation/construct-error';
import { readInputFile } from '../validation/input-file';
import { requireKnown } from '../validation/synth-value';
import { requireAssetName, requireAssetVersion, WorkspaceAsset } from '../workspace/workspace-asset';
import { type IWorkspace, requireAzureWorkspace } from '../workspace/workspace-reference';
import { checkCondaFile, condaFile } from './conda-environment';
import type { IScoringEnvironment } from './scoring-environment-reference';
import { inferenceConfig, type ScoringRoutes } from './scoring-routes';

/** The packages, or the ready image, that an entry script runs in. */
export interface ScoringEnvironmentProps {
  /** Where the environment is registered. It must be on Azure. */
  readonly workspace: IWorkspace;
  /**
   * 1 to 255 letters, digits, `-` and `_`.
   * @default - made of the construct's path
   */
  readonly name?: string | undefined;
  /**
   * A version is never overwritten with other content.
   * @default - the first 12 digits of the content's SHA-256
   */
  readonly version?: string | undefined;
  /**
   * The container image that the conda environment is installed into; without one, a ready image with the inference server
   * in it.
   * @default - with a conda environment: Azure ML's Ubuntu 22.04 with CUDA 11.8 and cuDNN 8
   */
  readonly image?: string | undefined;
  /**
   * A conda file, relative to the working directory. Among its packages is `azureml-inference-server-http` or `azureml-defaults`.
   * @default - made of the packages below, if there are any
   */
  readonly condaFile?: string | undefined;
  /**
   * Packages from PyPI, `tensorflow==2.15.1`. The inference server's is added.
   * @default - none
   */
  readonly pipPackages?: string[] | undefined;
  /**
   * Packages from the channels.
   * @default - none
   */
  readonly condaPackages?: string[] | undefined;
  /**
   * Of an environment made of packages.
   * @default ['conda-forge']
   */
  readonly channels?: string[] | undefined;
  /**
   * Of an environment made of packages.
   * @default '3.11'
   */
  readonly pythonVersion?: string | undefined;
  /**
   * Where the image's own server answers, for deployments without scoring code: TensorFlow Serving, Triton.
   * @default - the inference server answers, which calls an entry script
   */
  readonly routes?: ScoringRoutes | undefined;
  /** @default - none */
  readonly description?: string | undefined;
  /** @default - none */
  readonly tags?: Record<string, string> | undefined;
}

const SCORING_ENVIRONMENT_PROPS: KnownKeys<ScoringEnvironmentProps> = {
  workspace: true,
  name: true,
  version: true,
  image: true,
  condaFile: true,
  pipPackages: true,
  condaPackages: true,
  channels: true,
  pythonVersion: true,
  routes: { port: true, scoringPath: true, livenessPath: true, readinessPath: true },
  description: true,
  tags: true,
};

/**
 * Source: "Azure Machine Learning base images" (Azure/AzureML-Containers). It has no version here: Azure ML builds an
 * environment version once, from the image of that day.
 */
const GPU_IMAGE = 'mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04:latest';

/**
 * The environment of an entry script, registered in a workspace on Azure, which builds its image when a deployment first
 * needs it.
 */
export class ScoringEnvironment extends Construct implements IScoringEnvironment {
  /**
   * An environment version that exists.
   * @param environmentId its ARM id, or `azureml://registries/azureml/environments/<name>/versions/<version>`
   */
  static fromScoringEnvironmentId(scope: Construct, id: string, environmentId: string): IScoringEnvironment {
    return new ImportedScoringEnvironment(scope, id, environmentId);
  }

  readonly environmentName: string;
  readonly environmentVersion: string;
  readonly environmentId: string;
  readonly revision: string;
  readonly dependables: ITerraformDependable[];
  /** The conda file's text; `undefined` where the image is ready. */
  readonly conda?: string | undefined;
  /** @default - the inference server answers */
  readonly routes?: ScoringRoutes | undefined;
  readonly answersByItself?: boolean | undefined;
  readonly registration: WorkspaceAsset;

  constructor(scope: Construct, id: string, props: ScoringEnvironmentProps) {
    super(scope, id);
    requireKnownProps(this, props, SCORING_ENVIRONMENT_PROPS);
    const { workspace, description, tags = {} } = props;
    const azure = requireAzureWorkspace(this, workspace, 'an environment');
    this.conda = this.condaText(props);
    const image = props.image ?? (this.conda === undefined ? undefined : GPU_IMAGE);
    if (image === undefined) {
      throw new ConstructError(
        this,
        'it has neither packages nor an image; give a condaFile, pipPackages, or an image with the inference server in it',
      );
    }
    const { conda } = this;
    this.routes = props.routes;
    this.answersByItself = props.routes !== undefined;
    const content = {
      image,
      condaFile: conda,
      osType: 'Linux',
      inferenceConfig: props.routes && inferenceConfig(this, props.routes),
    };
    const sha256 = createHash('sha256').update(JSON.stringify(content)).digest('hex');
    this.environmentName = props.name ?? nameFromPath(this);
    this.environmentVersion = props.version ?? sha256.slice(0, 12);
    requireAssetName(this, 'name', this.environmentName);
    requireAssetVersion(this, 'version', this.environmentVersion);
    this.registration = WorkspaceAsset._declare(this, 'Registration', {
      azure,
      kind: 'environments',
      name: this.environmentName,
      version: this.environmentVersion,
      properties: {
        ...content,
        condaFile: conda && literalText(conda),
        description: description && literalText(description),
        properties: { sha256 },
      },
      tags,
      dependsOn: [],
    });
    this.environmentId = this.registration.versionId;
    this.dependables = [this.registration.version];
    this.revision = `${this.environmentName}:${this.environmentVersion}:${sha256}`;
  }

  private condaText(props: ScoringEnvironmentProps): string | undefined {
    const { condaFile: file, pipPackages, condaPackages } = props;
    const packages = ['pipPackages', 'condaPackages', 'channels', 'pythonVersion'] as const;
    const given = packages.filter((name) => props[name] !== undefined);
    if (file === undefined) {
      if (pipPackages === undefined && condaPackages === undefined) {
        return undefined;
      }
      const { channels = ['conda-forge'], pythonVersion = '3.11' } = props;
      for (const [what, values] of Object.entries({ pipPackages, condaPackages, channels, pythonVersion })) {
        requireKnown(this, what, values ?? []);
      }
      return condaFile({
        pythonVersion,
        channels,
        condaPackages: condaPackages ?? [],
        pipPackages: pipPackages ?? [],
      });
    }
    if (given.length > 0) {
      throw new ConstructError(
        this,
        `condaFile and ${given.join(', ')} are given, and one would take the other's place; write the packages into ${file}`,
      );
    }
    const text = readInputFile(this, 'condaFile', file).toString('utf8').replace(/\r\n?/g, '\n');
    withConstructPath(this, () => {
      checkCondaFile(file, text);
    });
    return text;
  }
}

class ImportedScoringEnvironment extends Construct implements IScoringEnvironment {
  readonly revision: string;
  readonly dependables: ITerraformDependable[] = [];

  constructor(
    scope: Construct,
    id: string,
    readonly environmentId: string,
  ) {
    super(scope, id);
    this.revision = environmentId;
  }
}
