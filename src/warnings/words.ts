import { quote } from '../definition/describe.ts';
import type { Settings } from '../definition/settings.ts';

const longestRoute = 24;
const mostRoutes = 8;

/** A route as somebody else has written it. One that is longer than people write them may be a session: all but its beginning stays untold. */
export function quoteRoute(route: string): string {
  return quote(route.length > longestRoute ? `${route.slice(0, 4)}…` : route);
}

/** The routes that there are: `'app1', 'app2'`. */
export function listRoutes({ members }: Pick<Settings, 'members'>): string {
  const routes = new Set(members.flatMap(({ route }) => route ?? []));
  const told = [...routes].slice(0, mostRoutes).map(quote);
  return [...told, ...(routes.size > mostRoutes ? ['…'] : [])].join(', ');
}
