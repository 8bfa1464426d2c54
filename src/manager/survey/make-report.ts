import type { ManagerParts } from '../route.ts';
import type { Report } from './report.ts';
import { showChange } from './show-change.ts';

/** Everything that is shown, as it is now. */
export function makeReport({ survey, changes }: Pick<ManagerParts, 'survey' | 'changes'>): Report {
  return { ...survey.report(), changes: changes.list().map(showChange), persists: changes.persists };
}
