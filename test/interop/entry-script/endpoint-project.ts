import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import path from 'node:path';

import type { EndpointSpecification } from '../../../lib/contract/workload-specification';
import type { LocalWorkload } from '../../../lib/local/local-workload';
import { LocalWorkloads } from '../../../lib/local/local-workloads';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';

const root = path.resolve(__dirname, '../../..');
/** Environments take a quarter of a minute to make: they stay from run to run. */
export const environments = path.join(root, 'node_modules/.cache/cdktf-brainwave-interop/entry-script');

export const example = path.join(root, 'examples/gpu');

/** An endpoint in a project of its own; both go when the test ends. */
export interface EndpointProject {
  readonly folder: string;
  readonly endpoint: LocalWorkload<EndpointSpecification>;
  /** Brings it up, with the example's packages and these changes. */
  up(changes?: Partial<EndpointSpecification>): Promise<string>;
  /** Writes an entry script. @returns its folder */
  script(text: string): Promise<string>;
  /** Posts to the endpoint; with its primary key unless told otherwise. */
  post(body: string | Buffer, headers?: Record<string, string>): Promise<Answer>;
  /** Posts to a URI that the endpoint had, with its primary key. */
  postTo(uri: string, body: string): Promise<Answer>;
  health(): Promise<Answer>;
  keys(): Promise<{ primaryKey: string; secondaryKey: string }>;
}

export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

export async function endpointProject(): Promise<EndpointProject> {
  const { path: folder, remove } = await temporaryFolder();
  const stateFolder = path.join(folder, '.cdktf-brainwave');
  await mkdir(stateFolder);
  await mkdir(environments, { recursive: true });
  await symlink(environments, path.join(stateFolder, 'python'));
  await writeFile(path.join(folder, 'package.json'), '{}');
  await writeFile(path.join(folder, 'model.bin'), 'weights');
  const endpoint = new LocalWorkloads(stateFolder, folder).endpoint('digits');
  afterwards(async () => {
    await endpoint.remove();
    await remove();
  });
  let scripts = 0;
  const send = async (
    method: string,
    url: string,
    body: string | Buffer,
    headers: Record<string, string>,
  ) => {
    const { address, rootCertificateFile } = await endpoint.status();
    const ca = rootCertificateFile === null ? undefined : await readFile(rootCertificateFile);
    const lookup: LookupFunction = (_hostname, { all }, found) => {
      if (all) {
        found(null, [{ address, family: isIP(address) }]);
      } else {
        found(null, address, isIP(address));
      }
    };
    return new Promise<Answer>((resolve, reject) => {
      const request = (ca ? httpsRequest : httpRequest)(url, { method, headers, ca, lookup, agent: false });
      request.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.once('error', reject);
      request.end(body);
    });
  };
  const project: EndpointProject = {
    folder,
    endpoint,
    up: async (changes) => {
      const progress: string[] = [];
      const specification: EndpointSpecification = {
        kind: 'endpoint',
        name: 'digits',
        address: '127.0.0.1',
        port: 0,
        code: path.join(example, 'code'),
        entryScript: 'score.py',
        model: { path: path.join(folder, 'model.bin'), name: 'model.bin' },
        requirements: path.join(example, 'requirements.txt'),
        workers: 1,
        environment: {},
        maxRequestBytes: 1_000_000,
        tls: { hostname: 'scoring.localhost', selfSigned: { validityDays: 30 } },
        keys: { generated: { primaryRotation: '1', secondaryRotation: '1' } },
        ...changes,
      };
      await endpoint.up(specification, (line) => progress.push(line));
      return progress.join('\n');
    },
    script: async (text) => {
      scripts += 1;
      const code = path.join(folder, `code-${scripts}`);
      await mkdir(code);
      await writeFile(path.join(code, 'score.py'), text);
      return code;
    },
    post: async (body, headers) => {
      const { scoringUri = '' } = await endpoint.status();
      const authorization = headers ?? { authorization: `Bearer ${(await project.keys()).primaryKey}` };
      return send('POST', scoringUri, body, { 'content-type': 'application/json', ...authorization });
    },
    postTo: async (uri, body) => {
      const { primaryKey } = await project.keys();
      return send('POST', uri, body, {
        'content-type': 'application/json',
        authorization: `Bearer ${primaryKey}`,
      });
    },
    health: async () => {
      const { scoringUri = '' } = await endpoint.status();
      return send('GET', new URL('/', scoringUri).href, '', {});
    },
    keys: async () => {
      const { keyFile } = await endpoint.status();
      return JSON.parse(await readFile(keyFile!, 'utf8')) as { primaryKey: string; secondaryKey: string };
    },
  };
  return project;
}
