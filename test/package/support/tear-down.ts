import { rmSync } from 'node:fs';

/** Takes away everything that was packed and installed. */
export function tearDown(): void {
  rmSync(process.env['PACKAGE_WORKSHOP']!, { recursive: true, force: true });
}

// What jest calls.
export { tearDown as default };
