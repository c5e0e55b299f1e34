const common = require('../../../jest.config.js');

/** The tests that need Python's pseudo-terminals; `npm run test:interop` runs them, and `npm test` does not. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: ['<rootDir>/test/interop/terminal'],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
};
