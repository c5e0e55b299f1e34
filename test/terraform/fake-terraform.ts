import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A shell script that answers as Terraform's or OpenTofu's `version` command does. */
export function fakeTerraform(version: string, product: 'terraform' | 'opentofu' = 'terraform'): string {
  const outdated = product === 'terraform' ? ', "terraform_outdated": false' : '';
  return [
    '#!/bin/sh',
    'case "$*" in',
    `  "version -json") echo '{"terraform_version": "${version}", "platform": "any", "provider_selections": {}${outdated}}' ;;`,
    `  version) echo '${product === 'terraform' ? 'Terraform' : 'OpenTofu'} v${version}' ;;`,
    '  *) exit 64 ;;',
    'esac',
    '',
  ].join('\n');
}

/** Writes a file that may be run, and the folders above it. */
export function writeExecutable(path: string, content: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}
