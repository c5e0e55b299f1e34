/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/test/tsconfig.json' }] },
  // What is tested is what is published: imports of the sources lead to the compiled files. Worker
  // threads and the detached server need compiled files anyway, and a class has one identity.
  moduleNameMapper: { '^(?:\\.\\.?/)+((?:lib|constructs)(?:/.*)?)$': '<rootDir>/dist/$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/package.json', 'cdktf\\.out'],
  setupFiles: ['<rootDir>/test/support/environment.ts'],
  testTimeout: 60_000,
};
