import type { Route } from '../route.ts';
import { changeRoutes } from './change-routes.ts';
import { lookRoutes } from './look-routes.ts';

/** The manager for programs: one path for each thing. */
export const apiRoutes: readonly Route[] = [...lookRoutes, ...changeRoutes];
