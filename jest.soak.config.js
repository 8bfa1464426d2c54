import base from './jest.config.js';

/** A million requests, a hundred thousand inputs: `npm run test:soak`. @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/soak'],
  testMatch: ['**/*.soak.ts'],
  coverageThreshold: undefined,
  testTimeout: 3_600_000,
};
