import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/** Part of the GNU C library, which packages load at run time. */
const C_LIBRARY = [
  'librt.so.1',
  'libanl.so.1',
  'libutil.so.1',
  'libresolv.so.2',
  'libnss_dns.so.2',
  'libnss_files.so.2',
];

/** How a process without anything of its own finds registries and trusts them. */
const NETWORK = [
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/nsswitch.conf',
  '/etc/ssl/certs/ca-certificates.crt',
];

/**
 * Fills a folder with what the Dockerfile expects of a base image, taken from this machine: node, npm, a shell, `rm`
 * and the GNU C library. Nothing else is there that an image could come to need unnoticed.
 */
export function makeBaseImage(root: string): void {
  const node = realpathSync(process.execPath);
  const programs: [string, string][] = [
    [node, '/usr/bin/node'],
    [realpathSync('/bin/sh'), '/bin/sh'],
    [realpathSync('/bin/rm'), '/bin/rm'],
    [realpathSync('/usr/bin/env'), '/usr/bin/env'],
  ];
  for (const [program, target] of programs) {
    copy(program, root, target);
    for (const library of librariesOf(program)) {
      copy(realpathSync(library), root, library);
    }
  }
  const cLibrary = librariesOf(node).find((library) => library.includes('/libc.so'))!;
  for (const file of [...C_LIBRARY.map((name) => path.join(path.dirname(cLibrary), name)), ...NETWORK]) {
    if (existsSync(file)) {
      copy(realpathSync(file), root, file);
    }
  }
  const npm = path.resolve(path.dirname(node), '../lib/node_modules/npm');
  copy(npm, root, '/usr/lib/node_modules/npm');
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', path.join(root, 'usr/bin/npm'));
  mkdirSync(path.join(root, 'root'));
  mkdirSync(path.join(root, 'tmp'));
  chmodSync(path.join(root, 'tmp'), 0o1777);
}

/** The libraries that a program is linked with, and its loader. */
function librariesOf(program: string): string[] {
  const text = execFileSync('ldd', [program], { encoding: 'utf8' });
  return [...text.matchAll(/(\/\S+) \(0x/g)].map(([, file]) => file);
}

function copy(source: string, root: string, target: string): void {
  cpSync(source, path.join(root, target), { recursive: true });
}
