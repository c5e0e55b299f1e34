const common = require('../../jest.config.js');

/** The tests with a real cluster. `npm run test:kubernetes` runs them in the cluster's namespaces; `npm test` does not. */
module.exports = {
  ...common,
  rootDir: '../..',
  roots: ['<rootDir>/test/kubernetes'],
  testMatch: ['**/*.kubernetes.ts'],
  globalSetup: '<rootDir>/test/kubernetes/support/start-cluster.ts',
  globalTeardown: '<rootDir>/test/kubernetes/support/stop-cluster.ts',
  // They wait for the cluster more than they compute.
  maxWorkers: 3,
  testTimeout: 300_000,
};
