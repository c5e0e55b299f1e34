import type * as configMapV1 from '@cdktf/provider-kubernetes/lib/config-map-v1';
import type * as daemonSetV1 from '@cdktf/provider-kubernetes/lib/daemon-set-v1';
import type * as dataKubernetesServiceV1 from '@cdktf/provider-kubernetes/lib/data-kubernetes-service-v1';
import type * as deploymentV1 from '@cdktf/provider-kubernetes/lib/deployment-v1';
import type * as horizontalPodAutoscalerV2 from '@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2';
import type * as manifest from '@cdktf/provider-kubernetes/lib/manifest';
import type * as namespaceV1 from '@cdktf/provider-kubernetes/lib/namespace-v1';
import type * as networkPolicyV1 from '@cdktf/provider-kubernetes/lib/network-policy-v1';
import type * as podDisruptionBudgetV1 from '@cdktf/provider-kubernetes/lib/pod-disruption-budget-v1';
import type * as provider from '@cdktf/provider-kubernetes/lib/provider';
import type * as secretV1 from '@cdktf/provider-kubernetes/lib/secret-v1';
import type * as serviceV1 from '@cdktf/provider-kubernetes/lib/service-v1';

import { lazyBindings } from './lazy-bindings';

const kubernetes = lazyBindings('@cdktf/provider-kubernetes');

export const { ConfigMapV1 } = kubernetes<typeof configMapV1>('config-map-v1');
export type ConfigMapV1 = configMapV1.ConfigMapV1;

export const { DaemonSetV1 } = kubernetes<typeof daemonSetV1>('daemon-set-v1');
export type DaemonSetV1 = daemonSetV1.DaemonSetV1;

export const { DataKubernetesServiceV1 } = kubernetes<typeof dataKubernetesServiceV1>(
  'data-kubernetes-service-v1',
);
export type DataKubernetesServiceV1 = dataKubernetesServiceV1.DataKubernetesServiceV1;

export const { DeploymentV1 } = kubernetes<typeof deploymentV1>('deployment-v1');
export type DeploymentV1 = deploymentV1.DeploymentV1;

export const { HorizontalPodAutoscalerV2 } = kubernetes<typeof horizontalPodAutoscalerV2>(
  'horizontal-pod-autoscaler-v2',
);
export type HorizontalPodAutoscalerV2 = horizontalPodAutoscalerV2.HorizontalPodAutoscalerV2;

export const { Manifest } = kubernetes<typeof manifest>('manifest');
export type Manifest = manifest.Manifest;

export const { NamespaceV1 } = kubernetes<typeof namespaceV1>('namespace-v1');
export type NamespaceV1 = namespaceV1.NamespaceV1;

export const { NetworkPolicyV1 } = kubernetes<typeof networkPolicyV1>('network-policy-v1');
export type NetworkPolicyV1 = networkPolicyV1.NetworkPolicyV1;

export const { PodDisruptionBudgetV1 } = kubernetes<typeof podDisruptionBudgetV1>('pod-disruption-budget-v1');
export type PodDisruptionBudgetV1 = podDisruptionBudgetV1.PodDisruptionBudgetV1;

export const { KubernetesProvider } = kubernetes<typeof provider>('provider');
export type KubernetesProvider = provider.KubernetesProvider;

export const { SecretV1 } = kubernetes<typeof secretV1>('secret-v1');
export type SecretV1 = secretV1.SecretV1;

export const { ServiceV1 } = kubernetes<typeof serviceV1>('service-v1');
export type ServiceV1 = serviceV1.ServiceV1;
