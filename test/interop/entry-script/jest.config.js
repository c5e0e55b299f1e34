const common = require('../../../jest.config.js');

/** The tests that need Python or OpenSSL; `npm run test:interop` runs them, and `npm test` does not. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: [
    '<rootDir>/test/interop/entry-script',
    '<rootDir>/test/interop/tls',
    '<rootDir>/test/interop/disk',
    '<rootDir>/test/interop/jsii',
  ],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
  // The first test installs the packages.
  testTimeout: 300_000,
};
