import { compileFieldTable, type RawHeaders } from './headers.ts';

/** Fields that end at this hop in either direction, listed in Connection or not (RFC 9110 7.6.1, RFC 9112 6 and 7). */
export const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const;

/** Options that name no field, or one that ends here anyway; an answer's Trailer may go on. */
const KNOWN_OPTIONS: ReadonlySet<string> = new Set(
  ['', 'close', ...HOP_BY_HOP].filter((name) => name !== 'trailer'),
);

const isConnection = compileFieldTable({ connection: true });

/**
 * The further fields that Connection says end at this hop, in lower case; undefined when there are none.
 * RFC 9110 7.6.1: they are to be removed before the message is forwarded.
 */
export function findNominated(headers: RawHeaders): ReadonlySet<string> | undefined {
  let nominated: Set<string> | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    if (isConnection(headers[i]!) === undefined) continue;
    const value = headers[i + 1]!;
    if (value === 'keep-alive' || value === 'close') continue;
    for (const option of value.split(',')) {
      const name = option.trim().toLowerCase();
      if (!KNOWN_OPTIONS.has(name)) (nominated ??= new Set()).add(name);
    }
  }
  return nominated;
}
