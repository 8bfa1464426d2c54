import type { Settings } from '../definition/settings.ts';
import type { WarningCode } from './codes.ts';
import { linkTo } from './help-link.ts';

/** What of the settings says whether and where a warning is said. */
export type TellerSettings = Pick<Settings, 'name' | 'logger' | 'silenced'>;

/** Says a warning, whether it was said before or not; nothing, where it is switched off. Never throws. */
export function tell({ name, logger, silenced }: TellerSettings, code: WarningCode, words: string): void {
  if (silenced.has(code)) return;
  try {
    const warn: (line: string) => unknown = logger.warn.bind(logger);
    const told = warn(`[${name}] ${words} (${code}), see ${linkTo(code)}`);
    // A logger that writes somewhere may be a promise's; nobody waits for it.
    if (told instanceof Promise) told.catch(ignore);
  } catch {
    // Warnings are for the reader of a log: without one, nothing is lost.
  }
}

function ignore(): void {
  // Likewise.
}
