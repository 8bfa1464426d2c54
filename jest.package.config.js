import base from './jest.config.js';

/** Projects that install the packed package: `npm run test:package`. @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/package'],
  testMatch: ['**/*.package.ts'],
  // Their own tests are run where they are installed.
  modulePathIgnorePatterns: ['<rootDir>/test/package/projects/'],
  globalSetup: '<rootDir>/test/package/support/set-up.ts',
  globalTeardown: '<rootDir>/test/package/support/tear-down.ts',
  coverageThreshold: undefined,
  verbose: true,
  // npm installs, and the registry takes its time.
  testTimeout: 300_000,
};
