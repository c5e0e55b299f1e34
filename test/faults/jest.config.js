const common = require('../../jest.config.js');

/** Terraform interrupted at every step; `npm run faults` runs it, and `npm test` runs a few of them. */
module.exports = {
  ...common,
  rootDir: '../..',
  roots: ['<rootDir>/test/faults'],
  testMatch: ['**/*.faults.ts'],
  // Each is several runs of Terraform.
  testTimeout: 180_000,
};
