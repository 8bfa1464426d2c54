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
  // Nothing is measured by it: what hangs is to end, and a machine under load is not to fail.
  testTimeout: 30_000,
};
