import { applyDiff, pages, snippetsOf, type Snippet } from '../../support/snippets';
import type { ModuleType } from './user-project';

const IMAGE_CLASSIFIER = 'docs/image-classifier.md';

/** All that the README and docs/ show in TypeScript, and the stack that docs/moving-to-azure.md leads to. */
export function publishedCode(type: ModuleType): Snippet[] {
  const snippets = pages()
    // Its snippets are parts of the README's stack.
    .filter((page) => page !== IMAGE_CLASSIFIER)
    .flatMap((page) => snippetsOf(page, 'ts'));
  const [diff] = snippetsOf('docs/moving-to-azure.md', 'diff');
  const moved = { name: 'moved-to-azure', code: applyDiff(snippetsOf('README.md', 'ts')[0].code, diff.code) };
  return [...snippets, moved, writtenOut()].map(({ name, code }) => ({
    name,
    code: type === 'module' ? asModule(code) : code,
  }));
}

/** The README's stack with the imports and the parts that docs/image-classifier.md puts in their place. */
function writtenOut(): Snippet {
  const [imports, parts] = snippetsOf(IMAGE_CLASSIFIER, 'ts').map(({ code }) => code);
  const [{ code }] = snippetsOf('README.md', 'ts');
  return {
    name: 'image-classifier',
    code: code
      .replace(/^import \{[^}]*\} from 'cdktf-brainwave';\n/m, () => imports)
      .replace(/^new ImageClassifier\([\s\S]*?^\}\);\n/m, () => parts),
  };
}

/**
 * Whether a snippet is a program: a stack that synthesizes, or a test. A program that reads the user's own zip is not run
 * here; test/e2e/old-service-definition.test.ts deploys such stacks.
 */
export function isProgram({ code }: Snippet): boolean {
  return /\.synth\(\)|from 'node:test'/.test(code) && !code.includes('ServiceDefinition.fromZip(');
}

/** The providers' packages have no `exports`: an ES module names their files, as docs/moving-to-azure.md says. */
function asModule(code: string): string {
  return code.replaceAll(/from '(@cdktf\/provider-\w+\/lib\/[\w-]+)'/g, "from '$1/index.js'");
}
