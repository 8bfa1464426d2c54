import base from './jest.config.js';

/** Side by side with a real httpd: `npm run test:httpd`. @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/httpd'],
  testMatch: ['**/*.httpd.ts'],
  coverageThreshold: undefined,
  // Their names say how many requests were compared.
  verbose: true,
};
