import { loadOptionalPackage } from '../../../lib/server/pipeline/optional-packages';

test.each([
  ['no-such-engine', 'no-such-engine'],
  ['@no-such/engine/data.json', '@no-such/engine'],
])('a stage that needs %s, which is not installed, reports what to install', (name, packageName) => {
  expect(() => loadOptionalPackage('featurizer', name)).toThrow(
    `stage 'featurizer' cannot run here: it needs the package ${packageName}, which is not installed; ` +
      `run \`npm install --ignore-scripts ${packageName}\``,
  );
});
