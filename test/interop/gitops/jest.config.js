const common = require('../../../jest.config.js');

/** What checks pipelines, in Go and in Haskell; `npm run test:interop` runs it, and `npm test` does not. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: ['<rootDir>/test/interop/gitops'],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
  // They are installed from the network.
  testTimeout: 600_000,
};
