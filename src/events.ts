import { channel } from 'node:diagnostics_channel';
import type { AttemptFacts, AttemptOutcome } from './facts.ts';
import type { Logger } from './definition/definition.ts';
import { describe } from './definition/describe.ts';
import type { BalancerErrorCode } from './errors.ts';

/** What every event tells. */
export type EventOrigin = Readonly<{
  /** Name of the balancer. */
  balancer: string;
}>;

/** What the events of a request tell. */
export type RequestEventOrigin = Readonly<{
  /** Its method. */
  method: string;
  /** Mount path included; without parameters and query, in which sessions may stand. */
  path: string;
}>;

/** What a balancer tells of, by event. `Name`: the members' names. */
export type BalancerEvents<Name extends string = string> = {
  /** A member's flags have changed. */
  state: EventOrigin &
    Readonly<{
      /** The member's name. */
      member: Name;
      /** Its URL. */
      url: string;
      /** httpd's letters before, such as `''`. */
      from: string;
      /** And after, such as `'E'`. */
      to: string;
      /** What has happened to it. `elsewhere`: another process that shares its state has found it in error, or well again. */
      cause:
        | 'failed'
        | 'recovered'
        | 'forced-recovery'
        | 'checks-failed'
        | 'checks-passed'
        | 'ejected'
        | 'elsewhere'
        | 'changed';
    }>;
  /** An attempt has an outcome; an answer that broke off later has a second one. */
  attempt: EventOrigin &
    RequestEventOrigin &
    Readonly<{
      /** The attempt, as in `req.balancer`. */
      attempt: AttemptFacts<Name>;
    }>;
  /** A request has ended. A connection that is upgraded is told of when it was switched (status 101), not when it closes. */
  request: EventOrigin &
    RequestEventOrigin &
    Readonly<{
      /** What the client has got; undefined: it left before its answer was whole, or got none. */
      status: number | undefined;
      /** What the app was handed for it. */
      error: BalancerErrorCode | undefined;
      /** The last one that was tried. */
      member: Name | undefined;
      /** Route found in the request; this and the next ones as in `req.balancer`. */
      route: string | undefined;
      /** Name of the cookie or parameter that delivered the route. */
      sticky: string | undefined;
      /** Stickiness is configured, and the request has no route or went elsewhere than it says. */
      routeChanged: boolean;
      /** How long it has waited for a member, in milliseconds. */
      waitedMs: number;
      /** From coming in to its end, in milliseconds. */
      durationMs: number;
      /** What was tried, in order. */
      attempts: readonly AttemptFacts<Name>[];
    }>;
  /** A request has gone to a further member, or once more to the same. */
  failover: EventOrigin &
    RequestEventOrigin &
    Readonly<{
      /** Who was tried. */
      from: Name;
      /** Who is tried next. */
      to: Name;
      /** What became of it at `from`. */
      outcome: AttemptOutcome;
    }>;
  /** A member is put in error for what it answers; once more when the request that tries it is no better answered. */
  ejection: EventOrigin &
    Readonly<{
      /** The member's name. */
      member: Name;
      /** Its URL. */
      url: string;
      /** In milliseconds, until one request tries it. */
      timeMs: number;
    }>;
  /** A request waits, or waits no more. */
  queue: EventOrigin &
    Readonly<{
      /** `expired`: its time was up. `refused`: the queue was full. `left`: its client has gone, its `deadline` or the balancer's end has come. */
      what: 'waiting' | 'served' | 'expired' | 'refused' | 'left';
      /** `full`: for a place; else for a member that is up. */
      reason: 'full' | 'unusable' | 'nofailover' | 'method-failed';
      /** How many wait now. */
      waiting: number;
      /** How long this one has waited so far, in milliseconds. */
      waitedMs: number;
    }>;
  /** Members were added or removed, by the program or by DNS. */
  members: EventOrigin &
    Readonly<{
      /** Names of those that have come. */
      added: readonly Name[];
      /** Names of those that have gone. */
      removed: readonly Name[];
    }>;
};

/** The name of an event. */
export type BalancerEventName = keyof BalancerEvents;

/** Is told of an event. What it throws is logged, and disturbs nobody. */
export type BalancerListener<Event extends BalancerEventName, Name extends string = string> = (
  event: BalancerEvents<Name>[Event],
) => void;

/** Tells listeners, and `diagnostics_channel` under `express-proxy-balancer:<event>`. */
export type Events = Readonly<{
  /** Returns how to call it off. */
  on<Event extends BalancerEventName>(event: Event, listener: BalancerListener<Event>): () => void;
  off<Event extends BalancerEventName>(event: Event, listener: BalancerListener<Event>): void;
  /** Whether anybody listens: what nobody hears need not be put together. */
  isHeard(event: BalancerEventName): boolean;
  emit<Event extends BalancerEventName>(event: Event, facts: Omit<BalancerEvents[Event], 'balancer'>): void;
  /** Makes a change, and tells of it when it is whole: a listener may make another one. */
  after<Result>(change: () => Result): Result;
}>;

const channels = {
  state: channel('express-proxy-balancer:state'),
  attempt: channel('express-proxy-balancer:attempt'),
  request: channel('express-proxy-balancer:request'),
  failover: channel('express-proxy-balancer:failover'),
  ejection: channel('express-proxy-balancer:ejection'),
  queue: channel('express-proxy-balancer:queue'),
  members: channel('express-proxy-balancer:members'),
} as const satisfies Readonly<Record<BalancerEventName, unknown>>;

/** Whether there is an event of this name. */
export function isEventName(name: unknown): name is BalancerEventName {
  return typeof name === 'string' && Object.hasOwn(channels, name);
}

/** The names of all events. */
export const eventNames = Object.keys(channels) as readonly BalancerEventName[];

/** Creates the events of one balancer. */
export function createEvents(source: () => Readonly<{ name: string; logger: Logger }>): Events {
  // By event; each set has listeners of its own event only, which is what `on` takes.
  const listeners = new Map<BalancerEventName, Set<(event: never) => void>>();
  let depth = 0;
  let untold: (() => void)[] = [];

  function tell(event: BalancerEventName, message: Readonly<{ balancer: string }>): void {
    // A subscriber that throws is Node's to report.
    if (channels[event].hasSubscribers) channels[event].publish(message);
    const fail = (error: unknown): void => {
      source().logger.error(`[${message.balancer}] a listener of '${event}' has thrown:`, error);
    };
    for (const listener of [...(listeners.get(event) ?? [])]) {
      try {
        // An async function fits where nothing is returned, and nobody else would take its failure.
        const call: (event: never) => unknown = listener;
        const returned = call(message as never);
        if (returned instanceof Promise) returned.catch(fail);
      } catch (error) {
        fail(error);
      }
    }
  }

  return {
    on(event, listener) {
      checkListener(event, listener);
      const known = listeners.get(event);
      if (known) known.add(listener);
      else listeners.set(event, new Set([listener]));
      return () => {
        listeners.get(event)?.delete(listener);
      };
    },
    off(event, listener) {
      checkListener(event, listener);
      listeners.get(event)?.delete(listener);
    },
    isHeard: (event) => channels[event].hasSubscribers || (listeners.get(event)?.size ?? 0) > 0,
    emit(event, facts) {
      const message = { balancer: source().name, ...facts };
      if (depth === 0) tell(event, message);
      else
        untold.push(() => {
          tell(event, message);
        });
    },
    after(change) {
      depth += 1;
      try {
        return change();
      } finally {
        depth -= 1;
        if (depth === 0) {
          const news = untold;
          untold = [];
          for (const each of news) each();
        }
      }
    },
  };
}

/** @throws {TypeError} for an event that is none, or a listener that cannot be called: it would never be told. */
function checkListener(event: unknown, listener: unknown): void {
  if (!isEventName(event)) {
    const names = eventNames.map((name) => `'${name}'`).join(', ');
    throw new TypeError(`${describe(event)} is no event: write one of ${names}`);
  }
  if (typeof listener !== 'function') {
    throw new TypeError(`the listener of '${event}' is ${describe(listener)}: write a function`);
  }
}
