import base from './jest.config.js';

/** The manager in a real browser, over the built package: `npm run test:browser`. @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/browser'],
  testMatch: ['**/*.browser.ts'],
  coverageThreshold: undefined,
  // One browser at a time: two on a small machine disturb what the other one measures.
  maxWorkers: 1,
  testTimeout: 60_000,
};
