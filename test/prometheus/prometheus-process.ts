import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { until } from '../support/until';

/** A series of an instant query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A Prometheus that scrapes a target each second and evaluates rules. */
export class PrometheusProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly address: string,
  ) {}

  /** @param rules content of a rule file */
  static async start(folder: string, job: string, target: string, rules: string): Promise<PrometheusProcess> {
    await writeFile(path.join(folder, 'rules.json'), rules);
    await writeFile(
      path.join(folder, 'prometheus.json'),
      JSON.stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: ['rules.json'],
        scrape_configs: [{ job_name: job, static_configs: [{ targets: [target] }] }],
      }),
    );
    const args = [
      '--config.file=prometheus.json',
      '--storage.tsdb.path=data',
      '--web.listen-address=127.0.0.1:0',
    ];
    const child = spawn('prometheus', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const listening = () => /msg="?Listening on"? address=(\S+)/.exec(log)?.[1];
    await until(() => {
      if (child.exitCode !== null) {
        throw new Error(`Prometheus did not start: ${log}`);
      }
      return listening() !== undefined && log.includes('Server is ready to receive web requests');
    }, 60_000);
    return new PrometheusProcess(child, listening() ?? '');
  }

  /** Evaluates a PromQL expression now. Rejects with what Prometheus says if it does not understand it. */
  async query(expression: string): Promise<readonly Series[]> {
    const { result } = await this.get<{ result: readonly Series[] }>('query', { query: expression });
    return result;
  }

  /** Names of the alerts that are firing. */
  async firing(): Promise<string[]> {
    const { alerts } = await this.get<{ alerts: { labels: { alertname: string }; state: string }[] }>(
      'alerts',
    );
    return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
  }

  /** Type of each metric by its name, as the scraped text declares it. */
  async types(): Promise<ReadonlyMap<string, string>> {
    const metadata = await this.get<{ metric: string; type: string }[]>('targets/metadata');
    return new Map(metadata.map(({ metric, type }) => [metric, type]));
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }

  private async get<Data>(
    resource: string,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<Data> {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`http://${this.address}/api/v1/${resource}?${query}`);
    const answer = (await response.json()) as { data: Data; error?: string };
    if (answer.error !== undefined) {
      throw new Error(answer.error);
    }
    return answer.data;
  }
}

/** What promtool has to say about metrics in the text format. */
export function checkMetrics(text: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return { status, output: `${stdout}${stderr}` };
}
