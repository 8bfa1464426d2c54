import { createHash } from 'node:crypto';
import type { BalancerDefinition } from '../definition/definition.ts';
import { tell, type TellerSettings } from './teller.ts';

/** Watches the creation of all balancers of a process. */
export type Creations = Readonly<{
  /** A balancer has served a request. */
  noteTraffic(): void;
  /** A balancer is created. `warn` is called where that looks like a mistake, once for all. Returns how to note its end. */
  note(definition: BalancerDefinition, warn: (words: string) => void): () => void;
}>;

/** What is known of all balancers of one definition that are not closed. */
type Twins = { open: number; late: number };

/** Lazily created ones are made in a handler too, but each once. */
const manyInHandler = 2;

/** Behind an `await` nobody can see the handler. */
const manyLate = 10;

/** Of those that differ, nobody needs to know all. */
const mostKinds = 1_000;

export function createCreations(readStack: () => string = readOwnStack): Creations {
  const kinds = new Map<string, Twins>();
  let hasTraffic = false;
  let isSaid = false;

  function judge({ open, late }: Twins): string | undefined {
    const isMany = open >= manyInHandler;
    if (isMany && isHandling(readStack())) return tellOf('was called in a request handler', open);
    return late >= manyLate ? tellOf('is called again and again while requests are served', open) : undefined;
  }

  /** Nobody is to fail because of a stack that cannot be read. */
  function judgeSafely(twins: Twins): string | undefined {
    try {
      return judge(twins);
    } catch {
      return undefined;
    }
  }

  return {
    noteTraffic() {
      hasTraffic = true;
    },
    note(definition, warn) {
      const kind = isSaid ? undefined : identify(definition);
      if (kind === undefined) return ignore;
      const twins = kinds.get(kind) ?? { open: 0, late: 0 };
      if (kinds.size < mostKinds) kinds.set(kind, twins);
      const late = hasTraffic ? 1 : 0;
      twins.open += 1;
      twins.late += late;
      const words = judgeSafely(twins);
      if (words !== undefined) {
        isSaid = true;
        kinds.clear();
        warn(words);
      }
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        twins.open -= 1;
        twins.late -= late;
        if (twins.open === 0) kinds.delete(kind);
      };
    },
  };
}

/** Those of this process. */
export const creations = createCreations();

/** Notes that a balancer is created. Returns how to note its end. Never throws. */
export function noteCreation(definition: BalancerDefinition, settings: TellerSettings): () => void {
  const code = 'WARN_BALANCER_CREATED_PER_REQUEST';
  if (settings.silenced.has(code)) return ignore;
  try {
    return creations.note(definition, (words) => {
      tell(settings, code, words);
    });
  } catch {
    return ignore;
  }
}

function tellOf(what: string, open: number): string {
  return (
    `createBalancer ${what}: ${open} balancers of this definition are open. Each has connections, counters and health checks ` +
    'of its own, so that they balance nothing, and none ends by itself. Create it once, where the app is built, and call it ' +
    'in the handler: balancer(req, res, next); close() one that is needed no more'
  );
}

const handling =
  /\bLayer\.handle(?:Request|Error| \[as handle_)|node_modules[/\\]connect[/\\]index\.js|node:_http_server|node:internal\/http2\/compat/;

/** Whether a stack is that of a request being handled: Express's (5 and 4) or Connect's layers, or Node's own server. */
export function isHandling(stack: string): boolean {
  return handling.test(stack);
}

function readOwnStack(): string {
  const { stackTraceLimit } = Error;
  try {
    // Express's own frames stand far from the handler's where there is much middleware.
    Error.stackTraceLimit = 100;
    const { stack } = new Error('where a balancer is created');
    return typeof stack === 'string' ? stack : '';
  } catch {
    return '';
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Objects of other libraries, and what is long. */
const leftOut: ReadonlySet<string> = new Set(['logger', 'state', 'tls', 'agent', 'ssl', 'buffer']);

/** The same for definitions that say the same; functions are what is written in them. */
function identify(definition: BalancerDefinition): string | undefined {
  try {
    const text = JSON.stringify(definition, (name, value: unknown) => {
      if (leftOut.has(name)) return undefined;
      if (typeof value === 'function') return Function.prototype.toString.call(value);
      return value instanceof RegExp ? String(value) : value;
    });
    return createHash('sha256').update(text).digest('base64');
  } catch {
    return undefined;
  }
}

function ignore(): void {
  // It was not counted.
}
