import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CloseOptions } from '../../balancer.ts';
import type { Next } from '../../handle-request.ts';
import { answerAlone } from '../../upgrade-request.ts';
import type { HttpdConf } from '../httpd-conf.ts';
import { buildHouse } from './build-house.ts';
import { checkConf } from './check-conf.ts';
import { explainRequest } from './explain.ts';
import type { HttpdHandler, HttpdHandlerOptions } from './handler-options.ts';
import { serve } from './serve.ts';

/** What is served: a configuration of `readHttpdConf`, or mounts that are written by hand. */
export type Mounted = Pick<HttpdConf, 'mounts'> & Partial<HttpdConf>;

/**
 * Creates the balancers of a configuration, and middleware that hands each request to the right one.
 *
 * @throws {DefinitionError} when a mount, a definition or an option is wrong; then nothing is left running.
 */
export function createHttpdHandler(conf: Mounted, options: HttpdHandlerOptions = {}): HttpdHandler {
  checkConf(conf, options);
  const house = buildHouse(conf, options);

  // Named, so that it has a name in the app's stack traces.
  function httpdConf(req: IncomingMessage, res: ServerResponse, next?: Next): void {
    serve(
      house,
      req,
      res,
      next ??
        ((error) => {
          answerAlone(res, error);
        }),
    );
  }

  return Object.assign(httpdConf, {
    balancers: house.balancers,
    manager: house.manager,
    explain: (req: IncomingMessage) => explainRequest(house.find, req),
    close: (asked?: CloseOptions) => house.close(asked),
  });
}
