/** A sample of Prometheus' text format. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+\S+)?$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/**
 * Parses Prometheus' text format. Skips comments and lines of other formats.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function* parseMetrics(text: string): Generator<MetricSample> {
  for (const line of text.split('\n')) {
    const found = SAMPLE.exec(line.trim());
    if (found) {
      const [, name, labels = '', value = ''] = found;
      yield { name, labels: parseLabels(labels), value: parseValue(value) };
    }
  }
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(LABEL)].map(([, name = '', value = '']) => [
      name,
      value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)),
    ]),
  );
}

function parseValue(text: string): number {
  const infinity = /^([+-]?)Inf$/.exec(text);
  return infinity ? (infinity[1] === '-' ? -Infinity : Infinity) : Number(text);
}
