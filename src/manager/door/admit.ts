import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../definition/definition.ts';
import { isString } from '../../definition/judges.ts';
import { cleanName } from '../clean-text.ts';
import type { Authorize } from '../manager-options.ts';
import type { User } from '../route.ts';

/** What `authorize` comes to. */
export type Entry =
  | Readonly<{ kind: 'in'; user: User }>
  | Readonly<{ kind: 'out' }>
  | Readonly<{ kind: 'challenged'; challenge: string }>;

const out: Entry = { kind: 'out' };

/** Asks who may come in. Whatever goes wrong keeps everybody out, and is told to the log alone. */
export async function admit(
  authorize: Authorize,
  req: IncomingMessage,
  res: ServerResponse,
  logger: Logger,
): Promise<Entry> {
  try {
    return readAdmission(await authorize(req, res));
  } catch (error) {
    logger.error('[manager] authorize has failed, and nobody comes in:', error);
    return out;
  }
}

/** What a function of the app's has returned. Nothing but what it is meant to return lets anybody in. */
export function readAdmission(value: unknown): Entry {
  if (value === true) return enter('somebody', false);
  if (isString(value)) return enter(value, false);
  if (typeof value !== 'object' || value === null) return out;
  const { user, readOnly, challenge } = value as Readonly<Record<string, unknown>>;
  if (challenge !== undefined) return user === undefined ? readChallenge(challenge) : out;
  if (!isString(user) || (readOnly !== undefined && typeof readOnly !== 'boolean')) return out;
  return enter(user, readOnly === true);
}

function enter(given: string, readOnly: boolean): Entry {
  const name = cleanName(given);
  return name === '' ? out : { kind: 'in', user: { name, readOnly } };
}

// It becomes a header.
function readChallenge(challenge: unknown): Entry {
  if (!isString(challenge) || !/^[\x20-\x7e]{1,500}$/.test(challenge) || challenge.trim() === '') return out;
  return { kind: 'challenged', challenge };
}
