const common = require('../../../jest.config.js');

/** Model servers from PyPI as accelerators; `npm run test:interop` prepares their environments and runs this. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: ['<rootDir>/test/interop/model-servers'],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
  testTimeout: 300_000,
};
