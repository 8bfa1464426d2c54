import type { Logger } from '../definition/definition.ts';
import { cleanText } from '../manager/clean-text.ts';
import type { HubStatus } from './hub.ts';

const longestWhy = 200;

/** Tells the app once when a process begins and ceases to be alone. Returns what is to be called at each change. */
export function createStatusTeller(logger: Logger): (status: HubStatus) => void {
  let told: HubStatus['kind'] = 'shared';
  let toldWhy = '';

  return (status) => {
    const { kind } = status;
    if (kind === told) return;
    switch (kind) {
      case 'joining':
        return;
      case 'shared':
        logger.info(
          `shared state: shared again, by ${status.processes} ${status.processes === 1 ? 'process' : 'processes'} (it was not: ${toldWhy})`,
        );
        break;
      case 'alone':
        toldWhy = show(status.why);
        logger.warn(`shared state: this process goes on with what it knows: ${toldWhy}`);
        break;
      case 'refused':
        toldWhy = show(status.why);
        logger.error(`shared state: nothing is shared: ${toldWhy}`);
        break;
      case 'closed':
        break;
    }
    told = kind;
  };
}

/** The reason may be somebody else's words. */
function show(why: string): string {
  return cleanText(why.slice(0, longestWhy));
}
