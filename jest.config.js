import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They need a server: `npm run test:redis`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/redis/'],
  extensionsToTreatAsEsm: ['.ts'],
  // Types are erased in place by Node itself, so lines and branches in reports are those of the source.
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.cjs' },
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text', 'lcovonly'],
  coverageThreshold: { global: { branches: 90 } },
  errorOnDeprecated: true,
  // What a test file has loaded is not let go of when it is over: a process that has had many is replaced by a fresh one,
  // which takes two at least.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  workerIdleMemoryLimit: '1GB',
  // Nothing is measured by it: what hangs is to end, and a machine under load is not to fail.
  testTimeout: 30_000,
};
