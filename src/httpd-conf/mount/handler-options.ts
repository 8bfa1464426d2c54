import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Balancer, CloseOptions } from '../../balancer.ts';
import type { BalancerDefinition, Logger } from '../../definition/definition.ts';
import type { Explanation } from '../../explain.ts';
import type { Next } from '../../handle-request.ts';
import type { Manager, ManagerOptions } from '../../manager/index.ts';
import type { AccessSection, HttpdMount, VirtualHost } from '../httpd-conf.ts';

/** What the app has to say to a configuration. */
export type HttpdHandlerOptions = Readonly<{
  /**
   * Options of the manager, where one is mounted (`SetHandler balancer-manager`). `authorize`: default, whoever the access
   * section for that very path lets in, where each manager has one; else, or where that is this machine alone,
   * `'loopback-only'`. `balancers`: default, those of this configuration; without any, all of this process.
   */
  manager?: Partial<ManagerOptions>;
  /** Changes a definition before its balancer is created: what a configuration cannot say. `mount`: the first that has it. */
  define?: (definition: BalancerDefinition, mount: HttpdMount) => BalancerDefinition;
  /** Where warnings of balancers and manager go. Default: `console`. `false`: nowhere. */
  logger?: Logger | false;
}>;

/** Middleware that serves requests as a configuration says, and what else it can do. Without `next` it answers by itself. */
export type HttpdHandler = ((req: IncomingMessage, res: ServerResponse, next?: Next) => void) &
  Readonly<{
    /** One for each definition, in the order in which they are first mounted; those that were handed in among them. */
    balancers: readonly Balancer[];
    /** The manager, where the configuration mounts one. */
    manager: Manager | undefined;
    /** What would be done with a request now. Sends nothing, changes nothing. */
    explain(req: IncomingMessage): HttpdExplanation;
    /** Closes what it has created, the manager too. Resolves when nothing is left running. */
    close(options?: CloseOptions): Promise<void>;
  }>;

/** What would be done with a request, and why. */
export type HttpdExplanation = Readonly<{
  /** The virtual host it is for; undefined: there is none, or it is not known. */
  host: VirtualHost | undefined;
  /** The mount that decides; undefined: none fits. */
  mount: HttpdMount | undefined;
  /** The section that decides who may come in; undefined: none is for it. */
  access: Readonly<{
    /** Whether the request may pass. */
    isAllowed: boolean;
    /** Who says so. */
    section: AccessSection | undefined;
  }>;
  /** Who would serve it. */
  balancer: Balancer | undefined;
  /** What would be asked for below the member's own path, with its query. */
  target: string | undefined;
  /** Which member, and why. */
  explanation: Explanation | undefined;
  /** In a sentence for each step. */
  text: string;
}>;
