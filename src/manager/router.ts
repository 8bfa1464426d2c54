import type { Route } from './route.ts';

/** What a path leads to. */
export type Found =
  | Readonly<{ kind: 'route'; route: Route; params: Readonly<Record<string, string>> }>
  /** There is something, but it does not take this method. `allow`: what it takes, for the field of that name. */
  | Readonly<{ kind: 'wrong-method'; allow: string }>
  | Readonly<{ kind: 'nothing' }>;

/** Finds the route of a method and a path as the client has encoded it. */
export type FindRoute = (method: string, path: string) => Found;

type Segment = Readonly<{ literal: string } | { parameter: string }>;

type Place = Readonly<{ segments: readonly Segment[]; routes: readonly Route[] }>;

/** Makes lists of routes ready to search. */
export function compileRoutes(routes: readonly Route[]): FindRoute {
  const byPath = Map.groupBy(routes, ({ path }) => path);
  const places = [...byPath].map(([path, routesOfPath]): Place => ({
    segments: path.split('/').map(readSegment),
    routes: routesOfPath,
  }));

  return function findRoute(method, path) {
    const given = path.split('/');
    // RFC 9110 9.3.2: HEAD is GET without the body.
    const wanted = method === 'HEAD' ? 'GET' : method;
    const others: Route[] = [];
    for (const { segments, routes: candidates } of places) {
      const params = matchSegments(segments, given);
      if (params === undefined) continue;
      const route = candidates.find((each) => each.method === wanted);
      if (route) return { kind: 'route', route, params };
      others.push(...candidates);
    }
    return others.length > 0 ? { kind: 'wrong-method', allow: listMethods(others) } : { kind: 'nothing' };
  };
}

function readSegment(text: string): Segment {
  return text.startsWith(':') ? { parameter: text.slice(1) } : { literal: text };
}

function matchSegments(
  segments: readonly Segment[],
  given: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (segments.length !== given.length) return undefined;
  const params = Object.create(null) as Record<string, string>;
  for (const [i, segment] of segments.entries()) {
    const text = given[i]!;
    if ('parameter' in segment) {
      const value = decodeOnce(text);
      if (value === undefined || value === '') return undefined;
      params[segment.parameter] = value;
    } else if (segment.literal !== text) return undefined;
  }
  return params;
}

function decodeOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function listMethods(routes: readonly Route[]): string {
  const methods = routes.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)].join(', ');
}
