const common = require('../../jest.config.js');

/** The tests of what npm would publish; `npm run test:package` runs them, and `npm test` does not. */
module.exports = {
  ...common,
  rootDir: '../..',
  roots: ['<rootDir>/test/package'],
  testMatch: ['**/*.package.ts'],
  globalSetup: '<rootDir>/test/package/support/pack.ts',
  globalTeardown: '<rootDir>/test/package/support/remove-packed.ts',
  // As many as the smallest machine has cores: the longest file decides.
  maxWorkers: 2,
  // Most of it is packages that are installed.
  testTimeout: 400_000,
};
