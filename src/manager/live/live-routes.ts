import type { Route } from '../route.ts';

/** What is told over time. */
export const liveRoutes: readonly Route[] = [
  { method: 'GET', path: '/events', answer: (asked, { live }) => live.open(asked) },
];
