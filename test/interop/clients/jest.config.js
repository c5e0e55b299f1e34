const common = require('../../../jest.config.js');

/** The examples' clients in other languages, with their own toolchains; `npm run test:interop` runs them. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: ['<rootDir>/test/interop/clients'],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
  // Each client is built from its sources, with packages from the network.
  testTimeout: 600_000,
};
