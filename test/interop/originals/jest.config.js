const common = require('../../../jest.config.js');

/** Clients of Azure ML and OpenVINO from PyPI; `npm run test:interop` prepares their environments and runs this. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: ['<rootDir>/test/interop/originals'],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
  testTimeout: 300_000,
};
