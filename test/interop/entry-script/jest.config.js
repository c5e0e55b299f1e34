const common = require('../../../jest.config.js');

/** The tests that need Python; `npm run test:interop` runs them, and `npm test` does not. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: ['<rootDir>/test/interop/entry-script'],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
  // The first test installs the packages.
  testTimeout: 300_000,
};
