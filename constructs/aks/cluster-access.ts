import type { KubernetesProviderConfig } from '@cdktf/provider-kubernetes/lib/provider';
import { Fn } from 'cdktf';

/** What a cluster says of how to reach it. Sensitive tokens. */
export interface ClusterConnection {
  readonly host: string;
  /** Base64. */
  readonly clusterCaCertificate: string;
  /** Base64. */
  readonly clientCertificate: string;
  /** Base64. */
  readonly clientKey: string;
}

/** The Entra application of every AKS cluster. Source: "Use kubelogin to authenticate users in AKS". */
const AKS_SERVER_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** How Terraform signs in to a cluster. It needs no kubeconfig file for any of them. */
export abstract class ClusterAccess {
  /**
   * By the cluster's own administrator certificate, which Terraform reads with the cluster. Whoever may list the
   * cluster's admin credentials can sign in so; the certificate is in the state.
   */
  static adminCertificate(): ClusterAccess {
    return new AdminCertificate();
  }

  /**
   * As an Entra identity, by the `kubelogin` command, which must be installed where Terraform runs. The cluster's
   * own accounts are turned off. The identity needs the role `Azure Kubernetes Service RBAC Cluster Admin`.
   * @param login kubelogin's way to sign in: `azurecli`, `workloadidentity`, `msi` or `spn`; `azurecli` unless given
   */
  static entraId(login?: string): ClusterAccess {
    return new EntraId(login ?? 'azurecli');
  }

  /** Whether the cluster has accounts of its own. */
  abstract readonly localAccounts: boolean;

  /** How the Kubernetes provider signs in. */
  abstract providerConfig(connection: ClusterConnection): KubernetesProviderConfig;
}

class AdminCertificate extends ClusterAccess {
  readonly localAccounts = true;

  providerConfig(connection: ClusterConnection): KubernetesProviderConfig {
    return {
      host: connection.host,
      clusterCaCertificate: Fn.base64decode(connection.clusterCaCertificate),
      clientCertificate: Fn.base64decode(connection.clientCertificate),
      clientKey: Fn.base64decode(connection.clientKey),
    };
  }
}

class EntraId extends ClusterAccess {
  readonly localAccounts = false;

  constructor(private readonly login: string) {
    super();
  }

  providerConfig({ host, clusterCaCertificate }: ClusterConnection): KubernetesProviderConfig {
    return {
      host,
      clusterCaCertificate: Fn.base64decode(clusterCaCertificate),
      exec: [
        {
          apiVersion: 'client.authentication.k8s.io/v1beta1',
          command: 'kubelogin',
          args: ['get-token', '--login', this.login, '--server-id', AKS_SERVER_APPLICATION],
        },
      ],
    };
  }
}
