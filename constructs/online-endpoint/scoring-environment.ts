import { createHash } from 'node:crypto';

import { Token, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { nameFromPath } from '../azure/derived-name';
import { literalText } from '../terraform/json-template';
import { ConstructError, withConstructPath, requireKnownProps } from '../validation/construct-error';
import { readInputFile } from '../validation/input-file';
import { requireKnown, resolved } from '../validation/synth-value';
import { contentVersion } from '../workspace/content-version';
import { requireAssetName, requireAssetVersion, WorkspaceAsset } from '../workspace/workspace-asset';
import { type IWorkspace, requireAzureWorkspace } from '../workspace/workspace-reference';
import { checkCondaFile, condaFile } from './conda-environment';
import type { IScoringEnvironment } from './scoring-environment-reference';
import { inferenceConfig, type ScoringRoutes } from './scoring-routes';

/** Properties of a scoring environment. */
export interface ScoringEnvironmentProps {
  /** Workspace to register the environment in. Must be on Azure. */
  readonly workspace: IWorkspace;
  /**
   * Name of the environment: 1 to 255 letters, digits, `-` and `_`.
   * @default - derived from the construct's path
   */
  readonly name?: string | undefined;
  /**
   * Version of the environment. A version is never overwritten with different content.
   * @default - the first 12 digits of the content's SHA-256
   */
  readonly version?: string | undefined;
  /**
   * Container image in which the conda environment is installed. Without a conda environment, the image must contain the
   * inference server or its own server.
   * @default - with a conda environment: Azure ML's Ubuntu 22.04 with CUDA 11.8 and cuDNN 8
   */
  readonly image?: string | undefined;
  /**
   * Conda file, relative to the working directory. Its packages must include `azureml-inference-server-http` or
   * `azureml-defaults`.
   * @default - generated from the packages below, if any
   */
  readonly condaFile?: string | undefined;
  /**
   * Packages from PyPI, for example `tensorflow==2.15.1`. The package of the inference server is added.
   * @default - none
   */
  readonly pipPackages?: string[] | undefined;
  /**
   * Packages from the conda channels.
   * @default - none
   */
  readonly condaPackages?: string[] | undefined;
  /**
   * Conda channels of a generated conda file.
   * @default ['conda-forge']
   */
  readonly channels?: string[] | undefined;
  /**
   * Python version of a generated conda file.
   * @default '3.11'
   */
  readonly pythonVersion?: string | undefined;
  /**
   * Routes of the image's own server, such as TensorFlow Serving or Triton, for deployments without scoring code.
   * @default - the inference server runs, which calls an entry script
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
 * Default base image. It has no tag, because Azure ML builds an environment version only once, from the current image.
 * @see https://github.com/Azure/AzureML-Containers
 */
const GPU_IMAGE = 'mcr.microsoft.com/azureml/openmpi4.1.0-cuda11.8-cudnn8-ubuntu22.04:latest';

/**
 * Environment of an entry script, registered in a workspace on Azure. Azure ML builds its image when a deployment first
 * uses it.
 */
export class ScoringEnvironment extends Construct implements IScoringEnvironment {
  /**
   * Imports an existing environment version.
   * @param environmentId ARM id, or `azureml://registries/azureml/environments/<name>/versions/<version>`
   */
  static fromScoringEnvironmentId(scope: Construct, id: string, environmentId: string): IScoringEnvironment {
    return new ImportedScoringEnvironment(scope, id, environmentId);
  }

  readonly environmentName: string;
  readonly environmentVersion: string;
  readonly environmentId: string;
  readonly revision: string;
  readonly dependables: ITerraformDependable[];
  /** Text of the conda file; `undefined` if the image needs none. */
  readonly conda?: string | undefined;
  /** @default - the inference server runs */
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
        'it has neither packages nor an image; set condaFile, pipPackages, or an image that contains the inference server',
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
    // A token's own text depends on what else the program declares.
    const known = { ...content, image: Token.isUnresolved(image) ? resolved(this, image) : image };
    const sha256 = createHash('sha256').update(JSON.stringify(known)).digest('hex');
    this.environmentName = props.name ?? nameFromPath(this);
    this.environmentVersion = props.version ?? contentVersion(sha256);
    requireAssetName(this, 'name', this.environmentName);
    requireAssetVersion(this, 'version', this.environmentVersion);
    this.registration = WorkspaceAsset._declare(this, 'Registration', {
      workspace,
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
        `condaFile and ${given.join(', ')} are both set, but condaFile already defines the packages; move them to ${file}`,
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
