import { requireReleasable } from '../../scripts/release/releasable';

const released = {
  name: 'cdktf-brainwave',
  version: '0.2.0',
  repository: { url: 'git+https://github.com/somebody/cdktf-brainwave.git' },
};

const refusal = (changed: string, changelog: string) => () => {
  requireReleasable(released, changed, changelog);
};

it('a version with a date in the changelog can be released from an unchanged checkout', () => {
  expect(refusal('', '# Changelog\n\n## 0.2.0 - 2026-12-01\n\n## 0.1.0 - 2026-11-01\n')).not.toThrow();
});

it('a package that does not name its repository is refused: npm could not check its provenance', () => {
  expect(() => {
    requireReleasable({ ...released, repository: undefined }, '', '## 0.2.0 - 2026-12-01\n');
  }).toThrow('package.json has no repository.url, which npm compares with the provenance; set it to');
});

it('a checkout with changes is refused, with their names', () => {
  expect(refusal(' M README.md\n', '## 0.2.0 - 2026-12-01\n')).toThrow(
    'the checkout has changes; commit them first:\n M README.md',
  );
});

it('a version that the changelog does not have, or has without a date, is refused', () => {
  expect(refusal('', '## 0.1.0 - 2026-11-01\n')).toThrow(
    'CHANGELOG.md has no section for 0.2.0, expected "## 0.2.0 - YYYY-MM-DD"; write the date of the release',
  );
  expect(refusal('', '## 0.2.0 - unreleased\n')).toThrow(
    'CHANGELOG.md has "## 0.2.0 - unreleased", expected "## 0.2.0 - YYYY-MM-DD"; write the date of the release',
  );
});
