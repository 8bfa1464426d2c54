import { findNearest } from '../../definition/spelling.ts';
import type { Argument, Directive } from '../syntax/directive.ts';
import type { Reader, ReverseRule, Where } from './draft.ts';
import { isBalancerUrl, readBalancerName } from './read-target.ts';
import { normalise } from './read-url.ts';
import { dropRefused } from './worker-parameters.ts';

/** Reads ProxyPassReverse, and its cookie pair. */
export const reverses: Readonly<Record<string, Reader>> = {
  proxypassreverse: readProxyPassReverse,
  proxypassreversecookiedomain: (item, where) => {
    readCookieRule(item, where, 'cookieDomains');
  },
  proxypassreversecookiepath: (item, where) => {
    readCookieRule(item, where, 'cookiePaths');
  },
};

function readProxyPassReverse(item: Directive, where: Where): void {
  const { location, scope, work } = where;
  const [path, url] = takeArguments(item, location === undefined ? undefined : location.path, where);
  if (path === undefined || url === undefined) return;
  if (location !== undefined && typeof location.at !== 'string') {
    work.ledger.drop(
      item,
      'httpd would put the pattern itself into the URL; write it in a <Location>, or outside with a path',
    );
    return;
  }
  if (!/^(\/|[a-z]+:\/\/)/i.test(path)) {
    work.ledger.drop(item, 'a path begins with /');
    return;
  }
  if (url.text === '!') {
    work.ledger.drop(item, 'nothing is mapped back to what is not proxied');
    return;
  }
  if (isBalancerUrl(url.text) && readBalancerName(url.text) === undefined) {
    work.ledger.fail(
      url,
      'no balancer has such a name',
      'write balancer://name of letters, digits, - _ and .',
    );
    return;
  }
  if (!/^(\/(?!\/)|unix:|[a-z][a-z0-9+.-]*:\/\/)/i.test(url.text)) {
    const advice = 'write http://host:port/path, balancer://name/path or /path';
    work.ledger.drop(item, `no address begins so; ${advice}`);
    return;
  }
  scope.reverses.push({
    internal: url.text,
    external: path,
    base: normalise(url.text),
    source: { item, at: url },
  });
  work.ledger.take(item, `proxypassreverse: ${url.text} is ${path} to clients`);
}

function readCookieRule(item: Directive, where: Where, table: 'cookieDomains' | 'cookiePaths'): void {
  const [internal, external, ...rest] = item.args;
  if (internal === undefined || external === undefined) {
    const example = table === 'cookiePaths' ? '/internal /public' : 'internal.host public.example';
    where.work.ledger.fail(item.head, `${item.name} needs two arguments`, `write ${item.name} ${example}`);
    return;
  }
  dropWords(item, rest, where);
  const rule: ReverseRule = {
    internal: internal.text,
    external: external.text,
    base: internal.text.replace(/\/+$/, ''),
    source: { item, at: internal },
  };
  where.scope[table].push(rule);
  where.work.ledger.take(item, `${item.key}: ${internal.text} is ${external.text} to clients`);
}

/** The path, which in a Location is that of the section, and the URL. */
function takeArguments(
  item: Directive,
  path: string | undefined,
  where: Where,
): readonly [path: string | undefined, url: Argument | undefined] {
  const args = item.args.filter(({ text }) => !/^(interpolate|nocanon)$/i.test(text));
  const [first, second, ...rest] = args;
  dropWords(item, [...item.args.filter((arg) => !args.includes(arg)), ...rest], where);
  if (path !== undefined && first !== undefined && second === undefined) return [path, first];
  if (first !== undefined && second !== undefined) return [first.text, second];
  const example = path === undefined ? '/path http://host:port/' : 'http://host:port/';
  where.work.ledger.fail(
    item.head,
    `${item.name} needs ${path === undefined ? 'a path and ' : ''}a URL`,
    `write ${item.name} ${example}`,
  );
  return [undefined, undefined];
}

function dropWords(item: Directive, words: readonly Argument[], { work }: Where): void {
  for (const { text } of words) {
    const known = findNearest(text, ['interpolate'], 1 / 6);
    work.ledger.differ(
      item,
      known === undefined ? `${text.slice(0, 40)} means nothing there` : dropRefused(known).dropped!,
    );
  }
}
