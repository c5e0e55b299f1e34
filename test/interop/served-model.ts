import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import { createSelfSignedCertificate } from '../../dist/lib/tls';

export const HOSTNAME = 'scoring.localhost';

const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');
const logLine = z.object({ message: z.string(), port: z.number().optional() });

/** What a test in another language is told of a server. */
export interface ServedModel {
  readonly address: string;
  readonly hostname: string;
  readonly pid: number;
  /** PEM; the server reads it again on SIGHUP, and so its key. */
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  /** Another pair for the same host name, not in use. */
  readonly nextCertificateFile: string;
  readonly nextPrivateKeyFile: string;
  readonly keyFile: string;
  /** Where the server says how often it has read its files again. */
  readonly stateFile: string;
  /** What it writes on standard output and standard error. */
  readonly logFile: string;
}

/** A `cdktf-brainwave serve` process of ours. */
export interface ServerProcess {
  readonly served: ServedModel;
  /** Milliseconds from the start of the process until it was ready. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/**
 * Starts `cdktf-brainwave serve` on a free port.
 * @param folder where its files go; must exist
 * @param keys `undefined`: without TLS, and so without keys
 * @param options of the command, besides what every server here has
 * @param environment variables besides those of this process
 */
export async function serve(
  folder: string,
  name: string,
  definition: { save(file: string): unknown },
  keys: { primaryKey: string; secondaryKey: string } | undefined,
  options: readonly string[] = ['--max-in-flight', '100'],
  environment: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  const own = path.join(folder, name);
  await mkdir(own);
  const file = (base: string) => path.join(own, base);
  const modelFile = file('model.zip');
  const files = {
    keyFile: file('keys.json'),
    stateFile: file('state.json'),
    logFile: file('server.log'),
    ...(await writeCertificate(own, 'certificate.pem', 'private-key.pem')),
  };
  const next = await writeCertificate(own, 'next-certificate.pem', 'next-private-key.pem');
  definition.save(modelFile);
  if (keys) {
    await writeFile(files.keyFile, JSON.stringify(keys), { mode: 0o600 });
  }
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...[command, 'serve', '--model', modelFile, '--model-name', name, '--port', '0', ...options],
      ...['--state-file', files.stateFile],
      ...(keys
        ? [
            ...['--certificate', files.certificateFile, '--private-key', files.privateKeyFile],
            ...['--key-file', files.keyFile],
          ]
        : []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
  );
  const stop = () => stopProcess(child);
  try {
    const port = await ready(child, files.logFile);
    return {
      served: {
        address: `127.0.0.1:${port}`,
        hostname: HOSTNAME,
        pid: child.pid ?? 0,
        ...files,
        nextCertificateFile: next.certificateFile,
        nextPrivateKeyFile: next.privateKeyFile,
      },
      readyMs: performance.now() - startedAt,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeCertificate(
  folder: string,
  certificateName: string,
  privateKeyName: string,
): Promise<{ certificateFile: string; privateKeyFile: string }> {
  const { certificate, privateKey } = await createSelfSignedCertificate({
    hostname: HOSTNAME,
    validityDays: 90,
  });
  const certificateFile = path.join(folder, certificateName);
  const privateKeyFile = path.join(folder, privateKeyName);
  await writeFile(certificateFile, certificate);
  await writeFile(privateKeyFile, privateKey, { mode: 0o600 });
  return { certificateFile, privateKeyFile };
}

/** @returns the port, when the log says that the model is loaded */
async function ready(child: ChildProcess, logFile: string): Promise<number> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) {
    throw new Error('the server has no pipes');
  }
  const log = createWriteStream(logFile);
  const tail: string[] = [];
  const keep = (line: string) => {
    log.write(`${line}\n`);
    tail.push(line);
    tail.splice(0, tail.length - 10);
  };
  return new Promise((resolve, reject) => {
    let port = 0;
    createInterface(stderr).on('line', keep);
    createInterface(stdout).on('line', (line) => {
      keep(line);
      const entry = logLine.parse(JSON.parse(line));
      port = entry.port ?? port;
      if (entry.message === 'model loaded') {
        resolve(port);
      }
    });
    child.once('close', (code) => {
      log.end();
      reject(
        new Error(`the server ended with ${code ?? 'a signal'} before it was ready:\n${tail.join('\n')}`),
      );
    });
  });
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }
}
