import { describe } from '../definition/describe.ts';
import type { Settings } from '../definition/settings.ts';
import { tellOfSlowText } from './exec-in-time.ts';
import { findSlowText } from './find-slow-text.ts';

/** Warns of patterns of a definition that clients can keep us busy with. */
export type PatternWatch = Readonly<{
  /** Of those of the definition as it is now; of none twice. */
  follow(settings: PatternSettings): void;
}>;

export type PatternSettings = Pick<Settings, 'sticky' | 'exclude' | 'pathRewrite' | 'httpProxyMiddleware'>;

type Place = Readonly<{ where: string; pattern: RegExp; givenUp: string }>;
type Seen = { isTold: boolean };

const advice = 'write it so that a repeated group can be had in one way only, such as a+ for (a+)+';

export function createPatternWatch(warn: (words: string) => void): PatternWatch {
  let seen: ReadonlyMap<string, Seen> = new Map();

  function look({ where, pattern, givenUp }: Place): Seen {
    const slow = findSlowText(pattern);
    if (slow !== undefined) {
      const text = describe(slow);
      warn(`${where}: ${describe(pattern)} takes for ever over ${text}: ${givenUp}${advice}`);
    }
    return { isTold: slow !== undefined };
  }

  return {
    follow(settings) {
      const next = new Map<string, Seen>();
      for (const place of listPatterns(settings)) {
        const { where, pattern, givenUp } = place;
        const key = `${where} ${String(pattern)}`;
        const one = seen.get(key) ?? next.get(key) ?? look(place);
        next.set(key, one);
        if (one.isTold) continue;
        tellOfSlowText(pattern, ({ length }) => {
          if (one.isTold) return;
          one.isTold = true;
          warn(
            `${where}: ${describe(pattern)} was given up over ${length} letters of a client's: ${givenUp}${advice}`,
          );
        });
      }
      seen = next;
    },
  };
}

const refused = 'such requests get 400; ';

function listPatterns({
  sticky,
  exclude,
  pathRewrite,
  httpProxyMiddleware,
}: PatternSettings): readonly Place[] {
  const own = exclude.filter((pattern) => pattern instanceof RegExp);
  return [
    ...(sticky?.routeregex
      ? [{ where: 'routeregex', pattern: sticky.routeregex, givenUp: 'such requests are bound to nobody; ' }]
      : []),
    ...own.map((pattern) => ({ where: 'exclude', pattern, givenUp: refused })),
    ...listKeys(pathRewrite).map((pattern) => ({ where: 'pathRewrite', pattern, givenUp: refused })),
    // Asked by http-proxy-middleware itself, which never gives up.
    ...listKeys(httpProxyMiddleware?.pathRewrite).map((pattern) => ({
      where: 'httpProxyMiddleware.pathRewrite',
      pattern,
      givenUp: 'the process hangs; ',
    })),
  ];
}

function listKeys(table: unknown): readonly RegExp[] {
  if (typeof table !== 'object' || table === null) return [];
  return Object.keys(table).map((key) => new RegExp(key));
}
