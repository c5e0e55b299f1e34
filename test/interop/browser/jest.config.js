const common = require('../../../jest.config.js');

/** The tests that need Chromium; `npm run test:interop` runs them, and `npm test` does not. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: ['<rootDir>/test/interop/browser'],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
};
