/**
 * httpd's balancer-manager: a page and a JSON API that show balancers and steer them.
 *
 * @module express-proxy-balancer/manager
 */
export { createManager, type Manager } from './manager.ts';
export type { Admission, Authorize, ManagerOptions } from './manager-options.ts';
export { ManagerError, type ManagerErrorCode } from './route.ts';
export type { Change, Deed } from '../changes/change.ts';
