const common = require('../../jest.config.js');

/** `npm run test:prometheus` runs it if promtool is installed. */
module.exports = {
  ...common,
  rootDir: '../..',
  roots: ['<rootDir>/test/constructs/monitoring'],
  testMatch: ['**/*.prometheus.ts'],
};
