import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Next } from '../../handle-request.ts';
import type { HttpdHandler, HttpdHandlerOptions } from './handler-options.ts';
import { createHttpdHandler, type Mounted } from './handler.ts';

/** An app or router of Express or Connect, as far as it is needed. */
export type MountableApp = Readonly<{
  // As a method, so that theirs fit.
  /** Mounts middleware at `/`. */
  use(handler: (req: IncomingMessage, res: ServerResponse, next: Next) => void): unknown;
}>;

/**
 * Creates what serves a configuration, and mounts it in an app.
 *
 * @throws {DefinitionError} as `createHttpdHandler`; then nothing is mounted.
 */
export function mountHttpdConf(
  app: MountableApp,
  conf: Mounted,
  options: HttpdHandlerOptions = {},
): HttpdHandler {
  const handler = createHttpdHandler(conf, options);
  app.use(handler);
  return handler;
}
