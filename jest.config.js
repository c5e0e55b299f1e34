/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/test/tsconfig.json' }] },
  resolver: '<rootDir>/test/support/resolver.js',
  modulePathIgnorePatterns: ['cdktf\\.out', '<rootDir>/build/'],
  globalSetup: '<rootDir>/test/support/temporary-folders.js',
  setupFiles: ['<rootDir>/test/support/environment.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/support/second-attempt.ts'],
  reporters: ['default', '<rootDir>/test/support/results-reporter.js'],
  testTimeout: 60_000,
  // Most of a test's time is a child process's: one worker fewer than there are cores would leave one idle.
  maxWorkers: '100%',
};
