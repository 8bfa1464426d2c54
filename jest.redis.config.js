import base from './jest.config.js';

/** With a real redis-server: `npm run test:redis`. @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/redis'],
  testMatch: ['**/*.redis.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  coverageThreshold: undefined,
  // Servers are started, paused and cut off.
  testTimeout: 60_000,
};
