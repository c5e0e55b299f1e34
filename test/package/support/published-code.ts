import { applyDiff, pages, snippetsOf, type Snippet } from '../../support/snippets';
import type { ModuleType } from './user-project';

/** All that the README and docs/ show in TypeScript, and the stack that docs/moving-to-azure.md leads to. */
export function publishedCode(type: ModuleType): Snippet[] {
  const snippets = pages().flatMap((page) => snippetsOf(page, 'ts'));
  const [diff] = snippetsOf('docs/moving-to-azure.md', 'diff');
  const moved = { name: 'moved-to-azure', code: applyDiff(snippetsOf('README.md', 'ts')[0].code, diff.code) };
  return [...snippets, moved].map(({ name, code }) => ({
    name,
    code: type === 'module' ? asModule(code) : code,
  }));
}

/** Whether a snippet is a program: a stack that synthesizes, or a test. */
export function isProgram({ code }: Snippet): boolean {
  return /\.synth\(\)|from 'node:test'/.test(code);
}

/** The providers' packages have no `exports`: an ES module names their files, as docs/moving-to-azure.md says. */
function asModule(code: string): string {
  return code.replaceAll(/from '(@cdktf\/provider-\w+\/lib\/[\w-]+)'/g, "from '$1/index.js'");
}
