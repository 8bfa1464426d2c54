import type { Settings } from '../definition/settings.ts';
import { valuesOf, type RawHeaders } from './headers.ts';

/** What is done to Via (httpd's ProxyVia). */
export type Via = Readonly<{
  /** Whether what stands in requests is removed. */
  blocks: boolean;
  /** Our entry for a request that came with this HTTP version. */
  request(httpVersion: string): string | undefined;
  /** Our entry for an answer that came with this HTTP version. */
  answer(httpVersion: '1.0' | undefined): string | undefined;
}>;

/** Makes our Via entries. */
export function compileVia({ proxyvia, pseudonym }: Pick<Settings, 'proxyvia' | 'pseudonym'>): Via {
  if (proxyvia === 'Off' || proxyvia === 'Block') {
    return { blocks: proxyvia === 'Block', request: () => undefined, answer: () => undefined };
  }
  const name = proxyvia === 'Full' ? `${pseudonym} (express-proxy-balancer)` : pseudonym;
  return {
    blocks: false,
    request: (httpVersion) => `${httpVersion} ${name}`,
    // RFC 9110 7.6.3: the version that the member spoke; httpd writes the client's.
    answer: (httpVersion) => `${httpVersion ?? '1.1'} ${name}`,
  };
}

/** Whether a request has been here before: our pseudonym stands in its Via as a recipient. */
export function hasPassedHere(headers: RawHeaders, pseudonym: string): boolean {
  for (const value of valuesOf(headers, 'via')) {
    if (!value.includes(pseudonym)) continue;
    for (const entry of withoutComments(value).split(',')) {
      // received-protocol RWS received-by
      if (entry.trim().split(/[ \t]+/, 2)[1] === pseudonym) return true;
    }
  }
  return false;
}

/** RFC 9110 5.6.5: comments nest, and a backslash takes the next character's meaning away. */
function withoutComments(value: string): string {
  if (!value.includes('(')) return value;
  let kept = '';
  let depth = 0;
  for (let i = 0; i < value.length; i++) {
    const char = value[i]!;
    if (depth > 0 && char === '\\') i++;
    else if (char === '(') depth++;
    else if (char === ')' && depth > 0) depth--;
    else if (depth === 0) kept += char;
  }
  return kept;
}
