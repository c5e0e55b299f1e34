/** Samples of a server's metrics, by name and labels as they stand in the text: `name{label="value"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Reads the metrics of a server as Prometheus does. */
export async function scrape(port: number): Promise<Samples> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  return parseSamples(await response.text());
}

export function parseSamples(text: string): Samples {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** Names of the labels of a metric's samples and their values. */
export function labelsOf(samples: Samples, name: string): Record<string, string>[] {
  return [...samples.keys()]
    .filter((each) => each.replace(/\{.*/, '') === name)
    .map((each) =>
      Object.fromEntries([...each.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value])),
    );
}
