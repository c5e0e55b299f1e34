import type { JsonObject } from '../../azure/simulator/json';
import { NETWORK } from './network';

/** Where containerd listens. */
export const CONTAINERD_SOCKET = '/run/containerd.sock';

/** Image of the container that keeps the namespaces of a pod. */
export const PAUSE_IMAGE = 'localhost/pause:1';

/** @param folder of containerd's files; @param networks folder of the network's configuration */
export function containerdConfiguration(folder: string, networks: string): string {
  return `version = 2
root = "${folder}/containerd-root"
state = "${folder}/containerd-state"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  disable_apparmor = true
  # Without CAP_SYS_RESOURCE, no process may be made less likely to be killed than its parent.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${networks}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
`;
}

export interface KubeletFiles {
  readonly clientRoots: string;
  readonly certificate: string;
  readonly privateKey: string;
  readonly resolver: string;
  readonly cgroup: string;
}

/** @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
export function kubeletConfiguration(files: KubeletFiles): JsonObject {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: files.clientRoots },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: files.certificate,
    tlsPrivateKeyFile: files.privateKey,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: files.cgroup,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    resolvConf: files.resolver,
    // Nothing listens there. Without an address, each pod logs a warning.
    clusterDNS: [NETWORK.dns],
    failSwapOn: false,
    failCgroupV1: false,
    // Images cannot be pulled again, and the disk is the developer's.
    imageGCHighThresholdPercent: 100,
    imageMinimumGCAge: '24h',
    evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '100Mi' },
    serializeImagePulls: false,
  };
}

/** @see https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ */
export function kubeProxyConfiguration(node: string, kubeconfig: string): JsonObject {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig },
    clusterCIDR: NETWORK.pods,
    hostnameOverride: node,
    bindAddress: '0.0.0.0',
    // The limits of connection tracking are the machine's.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}
