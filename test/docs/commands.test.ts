import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { pages, pageText } from '../support/snippets';

const command = path.resolve(__dirname, '../../dist/lib/cli/main.js');

function commands(): string[] {
  const help = execFileSync(process.execPath, [command, '--help'], { encoding: 'utf8' });
  const [, list] = help.split('\nCommands:\n');
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
}

describe('the commands that the help lists', () => {
  const listed = commands();

  it('are those of the changelog', () => {
    const [, entry] =
      /^- \*\*The command\*\* `cdktf-brainwave`: ([^]*?)\.$/m.exec(pageText('CHANGELOG.md')) ?? [];
    const named = [...entry.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);

    expect(listed.length).toBeGreaterThan(5);
    expect([...named].sort()).toEqual([...listed].sort());
  });

  it('are each used on some page', () => {
    const text = pages().map(pageText).join('\n');

    expect(listed.filter((name) => !text.includes(`cdktf-brainwave ${name}`))).toEqual([]);
  });
});
