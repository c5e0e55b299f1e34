/** Label that all objects of a service have in common. */
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';

/** The same label in Prometheus, which permits only letters, digits and `_`. */
export const INSTANCE_METRIC_LABEL = 'app_kubernetes_io_instance';

/** Label of a pod with the revision that its server reports. Constructs set it; steps select pods by it. */
export const REVISION_LABEL = 'cdktf-brainwave/revision';

/** Label of a pod by which the Service and the Deployment select it. */
export const POD_SET_LABEL = 'cdktf-brainwave/pod-set';
