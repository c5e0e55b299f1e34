import type { Attributes, ElementType } from '../onnx-model';
import type { Operand, Operation } from '../operation';
import { broadcast } from '../shape';
import type { Translation } from '../translation';
import type { Element, Layout, Value } from '../value';

/** Computes an ONNX tensor from ONNX tensors. */
type Formula = (to: Translation, inputs: readonly string[], node: Operand, type: ElementType) => string;

/** An ONNX operator with the same meaning. */
function same(opType: string, attributes: Attributes = {}): Formula {
  return (to, inputs) => to.node(opType, inputs, attributes);
}

const float = (value: number): Float32Array => Float32Array.of(value);

const one = (to: Translation): string => to.scalar(1);

const UNARY: Readonly<Record<string, Formula>> = {
  Abs: same('Abs'),
  Ceil: same('Ceil'),
  Cos: same('Cos'),
  Elu: same('Elu'),
  Erf: same('Erf'),
  Erfc: (to, [x = '']) => to.node('Sub', [one(to), to.node('Erf', [x])]),
  Exp: same('Exp'),
  Expm1: (to, [x = '']) => to.node('Sub', [to.node('Exp', [x]), one(to)]),
  Floor: same('Floor'),
  LeakyRelu: (to, [x = ''], node) => to.node('LeakyRelu', [x], { alpha: float(node.float('alpha', 0.2)) }),
  Log: same('Log'),
  Log1p: (to, [x = '']) => to.node('Log', [to.node('Add', [one(to), x])]),
  LogicalNot: same('Not'),
  Neg: same('Neg'),
  Reciprocal: same('Reciprocal'),
  Relu: same('Relu'),
  Relu6: (to, [x = '']) => to.node('Clip', [x, to.scalar(0), to.scalar(6)]),
  Rint: same('Round'),
  Round: same('Round'),
  Rsqrt: (to, [x = '']) => to.node('Reciprocal', [to.node('Sqrt', [x])]),
  Selu: same('Selu', { alpha: float(1.6732632423543772), gamma: float(1.0507009873554805) }),
  Sigmoid: same('Sigmoid'),
  Sign: same('Sign'),
  Sin: same('Sin'),
  Softplus: same('Softplus'),
  Softsign: same('Softsign'),
  Sqrt: same('Sqrt'),
  Square: (to, [x = '']) => to.node('Mul', [x, x]),
  Tanh: same('Tanh'),
};

const floorOfQuotient: Formula = (to, [a = '', b = ''], _, type) =>
  type === 'int'
    ? to.node('Div', [to.node('Sub', [a, to.node('Mod', [a, b])]), b])
    : to.node('Floor', [to.node('Div', [a, b])]);

const BINARY: Readonly<Record<string, Formula>> = {
  Add: same('Add'),
  AddV2: same('Add'),
  BiasAdd: same('Add'),
  BiasAddV1: same('Add'),
  Div: same('Div'),
  DivNoNan: (to, [a = '', b = '']) =>
    to.node('Where', [to.node('Equal', [b, to.scalar(0)]), to.scalar(0), to.node('Div', [a, b])]),
  FloorDiv: floorOfQuotient,
  FloorMod: (to, [a = '', b = ''], node, type) =>
    type === 'int'
      ? to.node('Mod', [a, b])
      : to.node('Sub', [a, to.node('Mul', [floorOfQuotient(to, [a, b], node, type), b])]),
  Maximum: same('Max'),
  Minimum: same('Min'),
  Mul: same('Mul'),
  Pow: same('Pow'),
  RealDiv: same('Div'),
  SquaredDifference: (to, inputs) => {
    const difference = to.node('Sub', inputs);
    return to.node('Mul', [difference, difference]);
  },
  Sub: same('Sub'),
};

const LOGICAL: Readonly<Record<string, Formula>> = {
  Equal: same('Equal'),
  Greater: same('Greater'),
  GreaterEqual: same('GreaterOrEqual'),
  Less: same('Less'),
  LessEqual: same('LessOrEqual'),
  LogicalAnd: same('And'),
  LogicalOr: same('Or'),
  NotEqual: (to, inputs) => to.node('Not', [to.node('Equal', inputs)]),
};

/** Arithmetic of shapes, which happens before the graph runs. */
const WHOLE: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  AddV2: (a, b) => a + b,
  FloorDiv: (a, b) => Math.floor(a / b),
  Maximum: Math.max,
  Minimum: Math.min,
  Mul: (a, b) => a * b,
  Sub: (a, b) => a - b,
};

/** The layout in which the inputs of an element-wise operation need the fewest transposes. */
export function commonLayout(inputs: readonly Value[]): Layout {
  const fits = inputs.every(({ rank }) => rank !== undefined && rank <= 4);
  return fits && inputs.some((input) => input.isPlanar) ? 'NCHW' : 'NHWC';
}

function elementWise(formula: Formula, result?: ElementType): Operation {
  return (node, to) => {
    const { inputs } = node;
    // BiasAdd of a graph in NCHW adds along the second axis.
    if (node.op === 'BiasAdd' && node.text('data_format', 'NHWC') === 'NCHW') {
      node.refuse('in NCHW');
    }
    const shape = inputs
      .slice(1)
      .reduce((shapes, input) => broadcast(shapes, input.shape), node.input(0).shape);
    const layout = commonLayout(inputs);
    const read = inputs.map((input) => to.read(input, layout));
    const type = inputs.at(-1)?.type ?? 'float';
    return to.value(result ?? type, formula(to, read, node, type), { shape, elements: whole(node) }, layout);
  };
}

function whole({ op, inputs }: Operand): readonly Element[] | undefined {
  const compute = Object.hasOwn(WHOLE, op) ? WHOLE[op] : undefined;
  const [a, b] = inputs.map(({ facts }) => facts.elements);
  if (compute === undefined || a === undefined || b === undefined) {
    return undefined;
  }
  const count = Math.max(a.length, b.length);
  if (![1, count].includes(a.length) || ![1, count].includes(b.length)) {
    return undefined;
  }
  return Array.from({ length: count }, (_, index) => {
    const left = a[a.length === 1 ? 0 : index];
    const right = b[b.length === 1 ? 0 : index];
    return typeof left === 'number' && typeof right === 'number' ? compute(left, right) : undefined;
  });
}

const cast: Operation = (node, to) => {
  const input = node.input(0);
  const target = node.dataType('DstT') ?? 'DT_FLOAT';
  const type = CASTS.get(target) ?? node.refuse(`to ${target}`);
  const { shape, elements } = input.facts;
  if (type === input.type) {
    return input;
  }
  const layout = commonLayout([input]);
  const name = to.node('Cast', [to.read(input, layout)], { to: ELEMENT_NUMBERS[type] });
  return to.value(type, name, { shape, elements: type === 'int' ? elements : undefined }, layout);
};

const CASTS = new Map<string, ElementType>([
  ['DT_FLOAT', 'float'],
  ['DT_DOUBLE', 'float'],
  ['DT_HALF', 'float'],
  ['DT_INT32', 'int'],
  ['DT_INT64', 'int'],
  ['DT_BOOL', 'bool'],
]);
const ELEMENT_NUMBERS: Readonly<Record<ElementType, number>> = { float: 1, int: 7, bool: 9 };

const addAll: Operation = (node, to) => {
  const layout = commonLayout(node.inputs);
  const read = node.inputs.map((input) => to.read(input, layout));
  const { type, shape } = node.input(0);
  return to.value(
    type,
    read.slice(1).reduce((sum, each) => to.node('Add', [sum, each]), read[0] ?? ''),
    { shape },
    layout,
  );
};

const clip: Operation = (node, to) => {
  const { type, shape } = node.input(0);
  const layout = commonLayout(node.inputs);
  const [x = '', low = '', high = ''] = node.inputs.map((input) => to.read(input, layout));
  return to.value(type, to.node('Min', [to.node('Max', [x, low]), high]), { shape }, layout);
};

const select: Operation = (node, to) => {
  const [condition, yes, no] = [node.input(0), node.input(1), node.input(2)];
  // Select, unlike SelectV2, chooses whole rows if its condition is a list.
  if (node.op === 'Select' && condition.rank !== 0 && condition.rank !== yes.rank) {
    node.refuse('of whole rows');
  }
  const shape = broadcast(broadcast(condition.shape, yes.shape), no.shape);
  const layout = commonLayout(node.inputs);
  const name = to.node(
    'Where',
    node.inputs.map((input) => to.read(input, layout)),
  );
  return to.value(yes.type, name, { shape }, layout);
};

function table(formulas: Readonly<Record<string, Formula>>, result?: ElementType): Record<string, Operation> {
  return Object.fromEntries(
    Object.entries(formulas).map(([op, formula]) => [op, elementWise(formula, result)]),
  );
}

const identity: Operation = (node) => node.inputs;

/** Operations that treat each element alike. */
export const elementWiseOperations: Readonly<Record<string, Operation>> = {
  ...table(UNARY),
  ...table(BINARY),
  ...table(LOGICAL, 'bool'),
  AddN: addAll,
  Cast: cast,
  CheckNumerics: identity,
  ClipByValue: clip,
  Identity: identity,
  IdentityN: identity,
  PlaceholderWithDefault: identity,
  PreventGradient: identity,
  Select: select,
  SelectV2: select,
  Snapshot: identity,
  StopGradient: identity,
};
