import type { IncomingMessage, ServerResponse } from 'node:http';
import { clock } from '../clock.ts';
import type { Next } from '../handle-request.ts';
import { onBalancerListed } from '../live-balancers.ts';
import { apiRoutes } from './api/api-routes.ts';
import { assetRoutes } from './assets.ts';
import type { Change } from '../changes/change.ts';
import { composeLogs } from '../changes/compose-logs.ts';
import { createTokens } from './door/token.ts';
import { handle, type House } from './handle.ts';

import { createLister } from './listed.ts';
import { createLive } from './live/live.ts';
import { createSight, type Sight } from './live/sight.ts';
import { liveRoutes } from './live/live-routes.ts';
import type { ManagerOptions } from './manager-options.ts';
import { answerWithError, pageRoutes } from './page/page-routes.ts';
import { readManagerOptions, type ManagerSettings } from './read-options.ts';
import { ManagerError } from './route.ts';
import { compileRoutes } from './router.ts';
import { createSurvey } from './survey/survey.ts';

/** Middleware that shows and steers balancers, and what else it can do. */
export type Manager = ((req: IncomingMessage, res: ServerResponse, next: Next) => void) &
  Readonly<{
    /**
     * What was changed through it, newest first: all that is in force, and the last 200 others. On balancers that share
     * their state, what was changed in any process, by whomever.
     */
    changes(): readonly Change[];
    /**
     * Ends what looks on: open pages are told nothing more, nothing expires, and later requests end in
     * `next(err)` with `ERR_MANAGER_CLOSED`. What was changed stays changed. Open pages need no such end where every
     * balancer that they could show is closed.
     */
    close(): void;
  }>;

/**
 * Creates a manager: a page and a JSON API that show balancers and steer them, to be mounted anywhere.
 *
 * @throws {DefinitionError} when the options are wrong, with everything that is wrong with them; `authorize` has no default.
 */
export function createManager(options: ManagerOptions): Manager {
  const settings = readManagerOptions(options);
  const sight = createSight(settings);
  const house = buildHouse(settings, sight);
  const { survey, changes, live } = house.parts;
  // What was stored for a balancer that is created later holds from its first request on.
  const stopListening = settings.isOpen ? onBalancerListed(changes.sync) : undefined;
  let isClosed = false;

  // Named, so that it has a name in the app's stack traces.
  function balancerManager(req: IncomingMessage, res: ServerResponse, next: Next): void {
    if (isClosed) next(new ManagerError('ERR_MANAGER_CLOSED'));
    else void handle(house, req, res, next);
  }

  return Object.assign(balancerManager, {
    changes: () => changes.list(),
    close() {
      isClosed = true;
      stopListening?.();
      sight.close();
      live.close();
      changes.close();
      survey.close();
    },
  });
}

function buildHouse(settings: ManagerSettings, sight: Sight): House {
  const { logger, title, secret } = settings;
  const balancers = createLister(settings.balancers);
  const survey = createSurvey({ balancers });
  const changes = composeLogs({ ...settings, balancers, mayAppear: settings.isOpen });
  const live = createLive({
    survey,
    changes,
    sight,
    onFailure(error) {
      logger.error('[manager] the page could not be kept up to date:', error);
    },
  });
  return {
    settings,
    findRoute: compileRoutes([...pageRoutes, ...apiRoutes, ...assetRoutes, ...liveRoutes]),
    tokens: createTokens(secret),
    parts: { title, balancers, survey, changes, live },
    answerWithError,
    now: clock.date,
  };
}
