import type { IConstruct } from 'constructs';

import { wholeNumber } from '../../lib/validation/number-range';
import { requireKnownProps } from '../validation/construct-error';
import { requireNumber, requirePattern } from '../validation/synth-value';

const DEDICATED_TYPE = /^([DE])(4|8|16|32)$/;

/** Properties of a profile whose machines are yours alone. */
export interface DedicatedProfileProps {
  /**
   * Name of the profile in the environment.
   * @default - the type in lower case
   */
  readonly name?: string | undefined;
  /**
   * Minimum number of machines. They are billed whether or not an app runs on them.
   * @default 1
   */
  readonly minimumCount?: number | undefined;
  /**
   * Maximum number of machines.
   * @default - the minimum number
   */
  readonly maximumCount?: number | undefined;
}

/**
 * Machines on which an environment runs the replicas of an app.
 *
 * @see https://learn.microsoft.com/azure/container-apps/workload-profiles-overview
 */
export class WorkloadProfile {
  /** Up to 4 cores and 8 GiB per replica, billed by the second while a replica runs. Every environment has it. */
  static consumption(): WorkloadProfile {
    return new WorkloadProfile('Consumption', 'Consumption', 4, 8);
  }

  /**
   * An NVIDIA T4 per replica, with 8 cores and 56 GiB, billed by the second while a replica runs. Only in some regions, and only with
   * quota.
   * @see https://learn.microsoft.com/azure/container-apps/gpu-serverless-overview
   */
  static gpuT4(): WorkloadProfile {
    return new WorkloadProfile('gpu-t4', 'Consumption-GPU-NC8as-T4', 8, 56, 1);
  }

  /**
   * An NVIDIA A100 with 80 GB per replica, with 24 cores and 220 GiB, billed by the second while a replica runs. Only in some regions,
   * and only with quota.
   * @see https://learn.microsoft.com/azure/container-apps/gpu-serverless-overview
   */
  static gpuA100(): WorkloadProfile {
    return new WorkloadProfile('gpu-a100', 'Consumption-GPU-NC24-A100', 24, 220, 1);
  }

  /**
   * Machines of your own, billed per machine.
   * @param type `D4`, `D8`, `D16`, `D32`, `E4`, `E8`, `E16` or `E32`
   */
  static dedicated(type: string, props: DedicatedProfileProps = {}): WorkloadProfile {
    const [, series = 'D', cores = '4'] = DEDICATED_TYPE.exec(type) ?? [];
    const memoryGiB = Number(cores) * (series === 'D' ? 4 : 8);
    return new WorkloadProfile(props.name ?? type.toLowerCase(), type, Number(cores), memoryGiB, 0, props);
  }

  private constructor(
    /** Name in the environment. */
    readonly name: string,
    /** Type, as Azure calls it. */
    readonly type: string,
    /** Maximum number of cores of a replica. */
    readonly cores: number,
    /** Maximum memory of a replica. */
    readonly memoryGiB: number,
    /** GPUs per replica. */
    readonly gpus = 0,
    private readonly dedicated?: DedicatedProfileProps,
  ) {}

  /** Whether memory is twice the number of cores, in GiB, and cores come in quarters. */
  get hasFixedRatio(): boolean {
    return this.type === 'Consumption';
  }

  /**
   * Returns the numbers of machines.
   * @throws ConstructError if a property is invalid
   * @internal
   */
  _counts(scope: IConstruct): { readonly minimumCount: number; readonly maximumCount: number } | undefined {
    if (!this.dedicated) {
      return undefined;
    }
    requireKnownProps(scope, this.dedicated, { name: true, minimumCount: true, maximumCount: true });
    requirePattern(
      scope,
      'the type of a dedicated workload profile',
      this.type,
      DEDICATED_TYPE,
      'D4, D8, D16, D32, E4, E8, E16 or E32',
    );
    const { minimumCount = 1 } = this.dedicated;
    const { maximumCount = Math.max(minimumCount, 1) } = this.dedicated;
    requireNumber(scope, `minimumCount of the workload profile "${this.name}"`, minimumCount, wholeNumber(0));
    const least = Math.max(minimumCount, 1);
    requireNumber(
      scope,
      `maximumCount of the workload profile "${this.name}"`,
      maximumCount,
      wholeNumber(least),
    );
    return { minimumCount, maximumCount };
  }
}
