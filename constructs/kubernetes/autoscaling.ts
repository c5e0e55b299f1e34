import type { HorizontalPodAutoscalerV2SpecMetric } from '@cdktf/provider-kubernetes/lib/horizontal-pod-autoscaler-v2';
import { Token } from 'cdktf';
import type { Construct } from 'constructs';

import { METRICS } from '../../lib/contract/metrics';
import { wholeNumber } from '../../lib/validation/number-range';
import { requireKnownProps } from '../validation/construct-error';
import { requireNumber } from '../validation/synth-value';

/** Range of the number of replicas, and the metric that it follows. */
export interface ReplicaRange {
  readonly minimum: number;
  readonly maximum: number;
  readonly metric: HorizontalPodAutoscalerV2SpecMetric;
}

/** Options of autoscaling on CPU. */
export interface CpuAutoscalingProps {
  /** Maximum number of replicas; the minimum is `replicas` of the service. */
  readonly maxReplicas: number;
  /**
   * Target average CPU utilization, in percent of the requested CPU.
   * @default 70
   */
  readonly utilizationPercent?: number | undefined;
}

/** Options of autoscaling on calls in flight. */
export interface InFlightAutoscalingProps {
  /** Maximum number of replicas; the minimum is `replicas` of the service. */
  readonly maxReplicas: number;
  /** Target average number of calls in flight per replica. Below `maxInFlight`, or calls are refused before it scales. */
  readonly target: number;
}

/**
 * How the number of replicas follows the load. To add a metric, implement `bind`.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
 */
export abstract class Autoscaling {
  /**
   * Scales on CPU. The cluster needs metrics-server, or the number of replicas never changes: AKS, GKE and k3s have it, kind
   * and EKS need it installed.
   */
  static cpu(props: CpuAutoscalingProps): Autoscaling {
    return new CpuAutoscaling(props);
  }

  /**
   * Scales on calls in flight, which fits models on GPUs: their load hardly shows on the CPU. The cluster needs Prometheus,
   * which reads the metric `brainwave_calls_in_flight` of each pod from its health port, and an adapter that serves it under
   * `custom.metrics.k8s.io`. Without them, the number of replicas never changes.
   *
   * @see https://github.com/kubernetes-sigs/prometheus-adapter
   */
  static inFlight(props: InFlightAutoscalingProps): Autoscaling {
    return new InFlightAutoscaling(props);
  }

  /**
   * Returns the range and the metric for a service.
   * @param replicas minimum number of replicas. May be a token.
   * @throws ConstructError if a property is invalid
   */
  abstract bind(scope: Construct, replicas: number): ReplicaRange;
}

class CpuAutoscaling extends Autoscaling {
  constructor(private readonly props: CpuAutoscalingProps) {
    super();
  }

  bind(scope: Construct, replicas: number): ReplicaRange {
    requireKnownProps(scope, this.props, { maxReplicas: true, utilizationPercent: true });
    const { maxReplicas, utilizationPercent = 70 } = this.props;
    requireRange(scope, replicas, maxReplicas);
    requireNumber(scope, 'utilizationPercent', utilizationPercent, wholeNumber(1, 100));
    return {
      minimum: replicas,
      maximum: maxReplicas,
      metric: {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: utilizationPercent } },
      },
    };
  }
}

class InFlightAutoscaling extends Autoscaling {
  constructor(private readonly props: InFlightAutoscalingProps) {
    super();
  }

  bind(scope: Construct, replicas: number): ReplicaRange {
    requireKnownProps(scope, this.props, { maxReplicas: true, target: true });
    const { maxReplicas, target } = this.props;
    requireRange(scope, replicas, maxReplicas);
    requireNumber(scope, 'target', target, wholeNumber(1));
    return {
      minimum: replicas,
      maximum: maxReplicas,
      metric: {
        type: 'Pods',
        pods: {
          metric: { name: METRICS.callsInFlight.name },
          target: { type: 'AverageValue', averageValue: `${target}` },
        },
      },
    };
  }
}

function requireRange(scope: Construct, replicas: number, maxReplicas: number): void {
  const minimum = Token.isUnresolved(replicas) ? 1 : replicas;
  requireNumber(scope, 'maxReplicas', maxReplicas, {
    ...wholeNumber(minimum),
    expected: `a whole number of at least ${minimum} (replicas)`,
  });
}
