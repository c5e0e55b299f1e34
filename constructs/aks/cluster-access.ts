import type { KubernetesProviderConfig } from '@cdktf/provider-kubernetes/lib/provider';
import { Fn } from 'cdktf';

/** Connection attributes of a cluster. Sensitive tokens. */
export interface ClusterConnection {
  readonly host: string;
  /** Base64. */
  readonly clusterCaCertificate: string;
  /** Base64. */
  readonly clientCertificate: string;
  /** Base64. */
  readonly clientKey: string;
}

/**
 * Entra server application of every AKS cluster.
 * @see https://azure.github.io/kubelogin/concepts/aks.html
 */
const AKS_SERVER_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** How Terraform authenticates to a cluster. None of the methods needs a kubeconfig file. */
export abstract class ClusterAccess {
  /**
   * Authenticates as an Entra identity with the `kubelogin` command, which must be installed on the machine that runs
   * Terraform. Disables the cluster's local accounts, so that no credentials of the cluster exist, in the Terraform state or
   * elsewhere. The identity needs the role `Azure Kubernetes Service RBAC Cluster Admin` on the cluster, its resource group
   * or the subscription: no other role includes it, not even `Owner`.
   * @param login Login mode of kubelogin: `azurecli` (the default), `workloadidentity`, `msi` or `spn`.
   * @see https://azure.github.io/kubelogin/concepts/login-modes.html
   * @see https://learn.microsoft.com/azure/aks/manage-azure-rbac
   */
  static entraId(login?: string): ClusterAccess {
    return new EntraId(login ?? 'azurecli');
  }

  /**
   * Authenticates with the cluster's administrator certificate, which Terraform reads from the cluster. The certificate is
   * in the Terraform state, and it is valid until the cluster's certificates are rotated. Terraform needs permission to list
   * the cluster's admin credentials. Azure ML needs it: it does not support clusters without local accounts.
   * @see https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad
   */
  static adminCertificate(): ClusterAccess {
    return new AdminCertificate();
  }

  /** Whether the cluster has local accounts. */
  abstract readonly localAccounts: boolean;

  /** Returns the configuration of the Kubernetes provider. */
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
