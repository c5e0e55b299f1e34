import { readFileSync } from 'node:fs';
import path from 'node:path';

import { pageText } from '../support/snippets';

const root = path.resolve(__dirname, '../..');

describe('docs/clients.md', () => {
  it.each([
    'python/score.py',
    'go/main.go',
    'java/src/main/java/scoring/Score.java',
    'csharp/Score.cs',
    'grpcurl/score.sh',
  ])('shows the program that is tested: %s', (file) => {
    const program = readFileSync(path.join(root, 'examples/clients', file), 'utf8').trimEnd();
    expect(pageText('docs/clients.md')).toContain(`\n${program}\n\`\`\`\n`);
  });
});
