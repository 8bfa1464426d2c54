/**
 * Configurations of Apache httpd and Helicon Ape: read, explained, mounted.
 *
 * @module express-proxy-balancer/httpd-conf
 */
export { readHttpdConf } from './read-httpd-conf.ts';
export { mountHttpdConf, type MountableApp } from './mount/mount-httpd-conf.ts';
export { createHttpdHandler, type Mounted } from './mount/handler.ts';
export type { HttpdExplanation, HttpdHandler, HttpdHandlerOptions } from './mount/handler-options.ts';
export { HttpdConfError, printConfProblem, type ConfProblem } from './conf-error.ts';
export type {
  AccessRule,
  AccessSection,
  Condition,
  HttpdConf,
  HttpdConfOptions,
  HttpdMount,
  Listen,
  MountBase,
  Notice,
  VirtualHost,
} from './httpd-conf.ts';
export type { Place } from './syntax/directive.ts';
export { HttpdRefusal, type HttpdRefusalCode } from './mount/refusal.ts';
