const common = require('../../jest.config.js');

/** `npm run test:acme` runs it if Pebble and the providers are installed. */
module.exports = {
  ...common,
  rootDir: '../..',
  roots: ['<rootDir>/test/acme'],
  testMatch: ['**/*.pebble.ts'],
  testTimeout: 300_000,
};
