/** The programs that an API server needs. */
export const API_SERVER_PROGRAMS = ['etcd', 'kube-apiserver'] as const;

/** The programs that a cluster with a node needs, and that work with it. */
export const CLUSTER_PROGRAMS = [
  ...API_SERVER_PROGRAMS,
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
  'metrics-server',
  'pause',
] as const;

/** Paths by program. */
export type Programs<Name extends string> = Readonly<Record<Name, string>>;

export type ApiServerPrograms = Programs<(typeof API_SERVER_PROGRAMS)[number]>;
export type ClusterPrograms = Programs<(typeof CLUSTER_PROGRAMS)[number]>;
