import fc from 'fast-check';

import {
  recognizePreprocessArray,
  takesStrings,
} from '../../../lib/service-definition/azure-ml-sdk/preprocess-array';
import { GraphProblem } from '../../../lib/tensorflow/graph-def/graph-node';
import type { NodeDef } from '../../../lib/wire/proto/types/tensorflow/NodeDef';
import {
  decodeGraph,
  floats,
  integers,
  node,
  placeholder,
  graphBytes,
} from '../../server/pipeline/support/graph';
import {
  PREPROCESS_INPUT,
  PREPROCESS_OUTPUT,
  preprocessArrayGraph,
  type PreprocessOptions,
} from '../support/preprocess-array';

const LOOP = 'map_normalize_jpeg/while/';

function recognize(options?: PreprocessOptions): ReturnType<typeof recognizePreprocessArray> {
  return recognizePreprocessArray(decodeGraph(preprocessArrayGraph(options)), PREPROCESS_OUTPUT);
}

function refusal(replace: Readonly<Record<string, NodeDef>>): string {
  try {
    recognize({ replace });
  } catch (error) {
    expect(error).toBeInstanceOf(GraphProblem);
    return (error as Error).message;
  }
  return 'it was recognized';
}

describe("the SDK's preprocess_array", () => {
  it('is recognized with the constants of the guides', () => {
    expect(recognize()).toEqual({
      resize: 256,
      crop: 224,
      preserveAspectRatio: true,
      mean: [123.68, 116.779, 103.939],
      scale: 1,
      order: 'RGB',
    });
  });

  it('is recognized with any constants, which become decimals as the user wrote them', () => {
    const decimal = fc.integer({ min: -99_999, max: 99_999 }).map((value) => value / 1000);
    fc.assert(
      fc.property(
        fc.record({
          resize: fc.integer({ min: 1, max: 2000 }),
          crop: fc.integer({ min: 1, max: 2000 }),
          mean: fc.tuple(decimal, decimal, decimal),
          scale: decimal,
          order: fc.constantFrom('RGB' as const, 'BGR' as const),
        }),
        (options) => {
          expect(recognize(options)).toEqual({ ...options, preserveAspectRatio: true });
          const stretched = { ...options, resize: options.crop, preserveAspectRatio: false };
          expect(recognize(stretched)).toEqual(stretched);
        },
      ),
    );
  });

  it('is not recognized if it stretches images to a rectangle', () => {
    const size = integers(`${LOOP}ResizeBilinear/size`, [2], [200, 300]);
    expect(() =>
      recognize({ preserveAspectRatio: false, replace: { [`${LOOP}ResizeBilinear/size`]: size } }),
    ).toThrow(/\(it does not resize to a square\)/);
  });

  it('is found by its input, which takes strings', () => {
    expect(takesStrings(decodeGraph(preprocessArrayGraph()), PREPROCESS_INPUT)).toBe(true);
    expect(takesStrings(decodeGraph(graphBytes([placeholder('x', [-1])])), 'x:0')).toBe(false);
  });

  it.each<[string, Readonly<Record<string, NodeDef>>, RegExp]>([
    [
      'decodes by another operation',
      { [`${LOOP}DecodePng`]: node(`${LOOP}DecodePng`, 'DecodeBmp', [`${LOOP}TensorArrayReadV3`]) },
      /it decodes with DecodeBmp/,
    ],
    [
      'decodes to grey',
      {
        [`${LOOP}DecodePng`]: node(`${LOOP}DecodePng`, 'DecodePng', [`${LOOP}TensorArrayReadV3`], {
          channels: { i: 1 },
        }),
      },
      /it decodes with DecodePng/,
    ],
    [
      'resizes by another operation',
      { [`${LOOP}ResizeBilinear`]: node(`${LOOP}ResizeBilinear`, 'ResizeBicubic', [`${LOOP}ExpandDims`]) },
      /is a ResizeBicubic, not a ResizeBilinear/,
    ],
    [
      'resizes with aligned corners',
      {
        [`${LOOP}ResizeBilinear`]: node(
          `${LOOP}ResizeBilinear`,
          'ResizeBilinear',
          [`${LOOP}ExpandDims`, `${LOOP}ResizeBilinear/size`],
          { align_corners: { b: true } },
        ),
      },
      /it resizes with other coordinates/,
    ],
    [
      'crops a rectangle',
      { [`${LOOP}stack/1`]: integers(`${LOOP}stack/1`, [], [200]) },
      /it does not crop a square/,
    ],
    [
      'crops off the center',
      { [`${LOOP}truediv/y`]: integers(`${LOOP}truediv/y`, [], [3]) },
      /it does not crop the center/,
    ],
    [
      'orders channels in another way',
      { [`${LOOP}Slice_1/begin`]: integers(`${LOOP}Slice_1/begin`, [4], [0, 0, 0, 1]) },
      /it orders channels 112/,
    ],
    [
      'cuts a channel at an offset',
      { [`${LOOP}Slice_1/begin`]: integers(`${LOOP}Slice_1/begin`, [4], [0, 5, 0, 0]) },
      /it cuts channels at an offset/,
    ],
    [
      'divides where it should multiply',
      { [`${LOOP}mul_2`]: node(`${LOOP}mul_2`, 'RealDiv', [`${LOOP}concat`, `${LOOP}mul_2/y`]) },
      /is a RealDiv, not a Mul/,
    ],
    [
      'subtracts no constant',
      { [`${LOOP}Sub_2/y`]: node(`${LOOP}Sub_2/y`, 'Mean', []) },
      /is a Mean, not a Const/,
    ],
    [
      'feeds itself',
      { [`${LOOP}Squeeze_1`]: node(`${LOOP}Squeeze_1`, 'Squeeze', [`${LOOP}Squeeze_1`]) },
      /its nodes form a cycle/,
    ],
    ['lacks a node', { [`${LOOP}Sub_2/y`]: floats('elsewhere', [], [1]) }, /it has no node .*Sub_2\/y/],
  ])('is rejected with its operations and the remedy where it %s', (_, replace, reason) => {
    const message = refusal(replace);
    expect(message).toMatch(/^does not decode images like the SDK's preprocess_array \(/);
    expect(message).toMatch(reason);
    expect(message).toMatch(
      /: its operations are .*ConcatV2.*; write a service definition with Stage\.image/,
    );
  });

  it('is recognized or rejected, whichever node is missing or doubled', () => {
    const { node: nodes } = decodeGraph(preprocessArrayGraph());
    const property = fc.property(fc.nat(nodes.length - 1), fc.nat(nodes.length - 1), (gone, other) => {
      const changed = nodes.map((each, index) =>
        index === gone ? { ...nodes[other], name: each.name } : each,
      );
      try {
        recognizePreprocessArray({ node: changed, library: null, versions: null }, PREPROCESS_OUTPUT);
      } catch (error) {
        if (!(error instanceof GraphProblem)) {
          throw error;
        }
      }
    });
    expect(() => {
      fc.assert(property, { numRuns: 300 });
    }).not.toThrow();
  });
});
