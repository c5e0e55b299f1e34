import { applyDiff, pageText, snippetsOf } from '../support/snippets';

const example = pageText('examples/quickstart/main.ts');

describe('docs/tutorial.md', () => {
  const changes = snippetsOf('docs/tutorial.md', 'diff');

  it.each(changes.map(({ name, code }) => [name, code] as const))(
    'changes the quickstart in the repository: %s',
    (_, diff) => {
      const changed = applyDiff(example, diff);

      const added = diff.split('\n').filter((line) => /^\+(?!\+\+ )/.test(line));
      expect(added.length).toBeGreaterThan(0);
      expect(added.filter((line) => !changed.includes(line.slice(1)))).toEqual([]);
    },
  );

  it('shows a wrong label and a rotated key', () => {
    expect(changes).toHaveLength(2);
  });
});
