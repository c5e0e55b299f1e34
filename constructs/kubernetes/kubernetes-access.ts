import path from 'node:path';

import type { KubernetesProviderConfig } from '@cdktf/provider-kubernetes/lib/provider';
import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import type { KnownKeys } from '../../lib/validation/known-keys';
import { stackPath } from '../terraform/project-files';
import { ConstructError, requireKnownProps } from '../validation/construct-error';

/** Kubeconfig and context. */
export interface KubeconfigAccessProps {
  /**
   * Path, relative to the project's folder; `~` is the home folder.
   * @default '~/.kube/config'
   */
  readonly file?: string | undefined;
  /** @default - the current context of the file at apply */
  readonly context?: string | undefined;
}

/** API server of a cluster, and a token. */
export interface TokenAccessProps {
  /** `https://…` */
  readonly host: string;
  /** PEM. */
  readonly clusterCaCertificate: string;
  /** Bearer token of a service account; a sensitive token, because it is in the Terraform state. */
  readonly token: string;
}

/** API server of a cluster, and a command that returns credentials. */
export interface ExecAccessProps {
  /** `https://…` */
  readonly host: string;
  /** PEM. */
  readonly clusterCaCertificate: string;
  /** Command on PATH of the machine that runs Terraform: `aws`, `gke-gcloud-auth-plugin`, `kubelogin`. */
  readonly command: string;
  /** @default - none */
  readonly args?: string[] | undefined;
  /** Environment variables of the command. Not for secrets. @default - none */
  readonly environment?: Record<string, string> | undefined;
  /** @default 'client.authentication.k8s.io/v1beta1' */
  readonly apiVersion?: string | undefined;
}

const EXEC_ACCESS_PROPS: KnownKeys<ExecAccessProps> = {
  host: true,
  clusterCaCertificate: true,
  command: true,
  args: true,
  environment: true,
  apiVersion: true,
};

/** How Terraform and the steps of a stack sign in to a cluster. */
export abstract class KubernetesAccess {
  /** Uses a kubeconfig, as `kubectl` does. The synthesized JSON contains its path and no credentials. */
  static kubeconfig(props: KubeconfigAccessProps = {}): KubernetesAccess {
    const { file = '~/.kube/config', context } = props;
    return new KnownAccess(props, { file: true, context: true }, (scope) => ({
      configPath: isInProject(file) ? stackPath(scope, file) : file,
      configContext: context,
    }));
  }

  /** Signs in with a token. */
  static token(props: TokenAccessProps): KubernetesAccess {
    return new KnownAccess(props, { host: true, clusterCaCertificate: true, token: true }, (scope) => {
      if (!Token.isUnresolved(props.token)) {
        throw new ConstructError(
          scope,
          'the token of KubernetesAccess.token() is a literal string, which the synthesized JSON would contain; pass the ' +
            'stringValue of a sensitive TerraformVariable, or an attribute of a resource',
        );
      }
      return { ...props };
    });
  }

  /**
   * Signs in with short-lived credentials that a command returns.
   * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
   */
  static exec(props: ExecAccessProps): KubernetesAccess {
    return new KnownAccess(props, EXEC_ACCESS_PROPS, () => {
      const { host, clusterCaCertificate, command, args, environment } = props;
      const { apiVersion = 'client.authentication.k8s.io/v1beta1' } = props;
      return { host, clusterCaCertificate, exec: [{ apiVersion, command, args, env: environment }] };
    });
  }

  /**
   * Returns the configuration of the Kubernetes provider. Steps sign in with it, too.
   * @throws ConstructError if a property is invalid
   */
  abstract bind(scope: Construct): KubernetesProviderConfig;
}

/** Whether a path is relative to the project's folder, rather than to the home folder or absolute. */
function isInProject(file: string): boolean {
  return !Token.isUnresolved(file) && !file.startsWith('~') && !path.isAbsolute(file);
}

class KnownAccess<Props extends object> extends KubernetesAccess {
  constructor(
    private readonly props: Props,
    private readonly known: KnownKeys<Props>,
    private readonly config: (scope: Construct) => KubernetesProviderConfig,
  ) {
    super();
  }

  bind(scope: Construct): KubernetesProviderConfig {
    requireKnownProps(scope, this.props, this.known);
    return this.config(scope);
  }
}
