import { Construct } from 'constructs';

import { NVIDIA_DEVICE_PLUGIN_IMAGE } from '../../lib/contract/container-images';
import type { KnownKeys } from '../../lib/validation/known-keys';
import { DaemonSetV1 } from '../bindings/kubernetes';
import { dependablesFor } from '../terraform/dependables';
import type { IKubernetesCluster } from './kubernetes-cluster-reference';
import { requireKnownProps } from '../validation/construct-error';

/** Cluster and image of the plugin. */
export interface NvidiaDevicePluginProps {
  /** Cluster with GPU nodes. */
  readonly cluster: IKubernetesCluster;
  /** Labels of the GPU nodes. @default - every node; the plugin is idle where there is no GPU */
  readonly nodeSelector?: Record<string, string> | undefined;
  /** @default - NVIDIA's image of the version 0.20.0, pinned by digest */
  readonly image?: string | undefined;
}

const NVIDIA_DEVICE_PLUGIN_PROPS: KnownKeys<NvidiaDevicePluginProps> = {
  cluster: true,
  nodeSelector: true,
  image: true,
};

const NAME = 'nvidia-device-plugin';
const SOCKETS = '/var/lib/kubelet/device-plugins';

/**
 * DaemonSet that lets pods request GPUs. A cluster needs it once; `ScoringCluster` includes it.
 *
 * @see https://learn.microsoft.com/azure/aks/use-nvidia-gpu
 */
export class NvidiaDevicePlugin extends Construct {
  readonly daemonSet: DaemonSetV1;

  constructor(scope: Construct, id: string, props: NvidiaDevicePluginProps) {
    super(scope, id);
    requireKnownProps(this, props, NVIDIA_DEVICE_PLUGIN_PROPS);
    const { cluster, image = NVIDIA_DEVICE_PLUGIN_IMAGE } = props;
    const labels = { 'app.kubernetes.io/name': NAME };
    this.daemonSet = new DaemonSetV1(this, 'DaemonSet', {
      provider: cluster.kubernetesProvider(this),
      metadata: { name: NAME, namespace: 'kube-system', labels },
      // A pool that is scaled to zero has no node to wait for.
      waitForRollout: false,
      spec: {
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate' },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            priorityClassName: 'system-node-critical',
            nodeSelector: props.nodeSelector,
            // Pods cannot use a GPU node without the plugin, so it tolerates every NoSchedule taint.
            toleration: [{ operator: 'Exists', effect: 'NoSchedule' }],
            securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
            container: [
              {
                name: NAME,
                image,
                env: [{ name: 'FAIL_ON_INIT_ERROR', value: 'false' }],
                resources: {
                  requests: { cpu: '50m', memory: '64Mi' },
                  limits: { cpu: '200m', memory: '256Mi' },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMount: [{ name: 'device-plugins', mountPath: SOCKETS }],
              },
            ],
            volume: [{ name: 'device-plugins', hostPath: { path: SOCKETS } }],
          },
        },
      },
      dependsOn: dependablesFor(this, cluster.dependables),
    });
    this.node.defaultChild = this.daemonSet;
  }
}
