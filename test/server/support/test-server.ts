import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ScoringServer, type ScoringServerOptions } from '../../../lib/server';
import { afterwards } from '../../support/cleanup';
import { temporaryFolder } from '../../support/temporary-folder';
import { tinyModel } from '../../support/tiny-model';
import { LogLines } from './log-lines';

export const keys = { primaryKey: 'primary-key-of-the-test', secondaryKey: 'secondary-key-of-the-test' };

/** A server that a test started on a free port of 127.0.0.1, with its log. */
export interface TestServer {
  readonly server: ScoringServer;
  readonly address: string;
  readonly port: number;
  readonly log: LogLines;
  /** The model that it was started with, to be given to `reload`. */
  readonly model: { readonly name: string; readonly version: string; readonly path: string };
  stop(): Promise<void>;
}

export type TestServerOptions = Partial<Omit<ScoringServerOptions, 'model' | 'log'>> & {
  /** @default - a tiny model */
  readonly zip?: Uint8Array;
  /** @default 'tiny' */
  readonly modelName?: string;
  /** @default '1' */
  readonly modelVersion?: string;
};

/** Starts a server; who calls it stops it. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { zip = tinyModel(), modelName = 'tiny', modelVersion = '1', ...others } = options;
  const folder = await temporaryFolder();
  const model = { name: modelName, version: modelVersion, path: path.join(folder.path, 'model.zip') };
  await writeFile(model.path, zip);
  const log = new LogLines();
  try {
    const server = await ScoringServer.start({
      port: 0,
      limits: { workers: 1 },
      ...others,
      model,
      log: log.log,
    });
    return {
      server,
      address: `127.0.0.1:${server.port}`,
      port: server.port,
      log,
      model,
      stop: async () => {
        await server.stop(0);
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

/** Starts a server that stops when the test ends. */
export async function serverForTest(options: TestServerOptions = {}): Promise<TestServer> {
  const started = await startServer(options);
  afterwards(() => started.stop());
  return started;
}

/** Writes another model beside the server's own. */
export async function writeModel(server: TestServer, name: string, zip: Uint8Array): Promise<string> {
  const file = path.join(path.dirname(server.model.path), name);
  await writeFile(file, zip);
  return file;
}
