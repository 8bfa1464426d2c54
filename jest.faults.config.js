import base from './jest.config.js';

/** Faults, load and hostile input over real sockets: `npm run test:faults`. @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/faults'],
  testMatch: ['**/*.faults.ts'],
  coverageThreshold: undefined,
  // Members hang on purpose, and load runs for a minute.
  testTimeout: 120_000,
};
