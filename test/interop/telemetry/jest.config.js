const common = require('../../../jest.config.js');

/** Traces through an OpenTelemetry collector; `npm run test:interop` builds it and runs this. */
module.exports = {
  ...common,
  rootDir: '../../..',
  roots: ['<rootDir>/test/interop/telemetry'],
  testMatch: ['**/*.interop.ts'],
  reporters: ['default'],
  // Four processes start one after the other.
  testTimeout: 300_000,
};
