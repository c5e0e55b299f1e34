import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';

import { ConstructError } from '../validation/construct-error';

const CORES = 'a number of cores, such as 2 or 500m';
const BYTES = 'a number of bytes, such as 4Gi or 512Mi';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  ...{ m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** Requests and limits of a container as Kubernetes quantities. @internal */
export interface ContainerQuantities {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly cpuLimit?: string | undefined;
  readonly memoryLimit?: string | undefined;
}

/**
 * Requires valid Kubernetes quantities, with requests up to the limits. Kubernetes would reject the pod only late in the
 * apply.
 * @param of Owner of the quantities, for messages: ` of the instance type "gpu"`.
 * @throws ConstructError if a quantity is invalid or a request is greater than its limit
 * @internal
 */
export function requireQuantities(scope: IConstruct, of: string, quantities: ContainerQuantities): void {
  const { cpu, memory, cpuLimit, memoryLimit } = quantities;
  requireLimit(scope, of, CORES, { name: 'cpu', text: cpu }, { name: 'cpuLimit', text: cpuLimit });
  requireLimit(
    scope,
    of,
    BYTES,
    { name: 'memory', text: memory },
    { name: 'memoryLimit', text: memoryLimit },
  );
}

interface NamedQuantity {
  readonly name: string;
  readonly text: string | undefined;
}

function requireLimit(
  scope: IConstruct,
  of: string,
  expected: string,
  request: NamedQuantity,
  limit: NamedQuantity,
): void {
  const [requested, limited] = [request, limit].map(({ name, text }) => {
    const amount = text === undefined || Token.isUnresolved(text) ? undefined : parseQuantity(text);
    if (amount !== undefined && !(amount > 0)) {
      throw new ConstructError(scope, `${name}${of} is "${text ?? ''}"; expected ${expected}`);
    }
    return amount;
  });
  if (requested !== undefined && limited !== undefined && requested > limited) {
    throw new ConstructError(
      scope,
      `${request.name}${of} is ${request.text ?? ''} but ${limit.name} is ${limit.text ?? ''}, and a request cannot exceed ` +
        `its limit; raise ${limit.name} or lower ${request.name}`,
    );
  }
}

/** @returns NaN if the text is not a quantity */
function parseQuantity(text: string): number {
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  return Number(digits) * (SUFFIXES[suffix] ?? NaN);
}
