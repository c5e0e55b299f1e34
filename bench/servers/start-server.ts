import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { goServer } from '../peers/go';
import type { Secured } from '../secured';
import type { ServerOrder } from './model-free-server';

/** Kind of a server without a model. */
export type ServerKind = ServerOrder['kind'] | 'Go';

/** A running server. */
export interface BenchServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** @throws MissingPeerError if the server cannot be built */
export async function startServer(kind: ServerKind, pki: Secured): Promise<BenchServer> {
  const { certificate, privateKey, key } = pki;
  if (kind === 'Go') {
    const child = spawn(await goServer(), { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(JSON.stringify({ certificate, privateKey, key }));
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { port: Number(line), stop: () => stop(child) };
  }
  const child = fork(path.join(__dirname, 'model-free-server.ts'), { execArgv: ['--import', 'tsx'] });
  const order: ServerOrder = { kind, certificate, privateKey, key };
  child.send(order);
  const [answer] = (await once(child, 'message')) as [{ port: number }];
  return { port: answer.port, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}
