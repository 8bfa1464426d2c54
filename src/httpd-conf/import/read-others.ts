import { isFault } from '../../definition/problem.ts';
import { refusedOptions } from '../../definition/refused-options.ts';
import { readHcExpr } from '../translate/hc-expr.ts';
import { readHeaderCookie } from '../translate/header-cookie.ts';
import type { Listen } from '../httpd-conf.ts';
import type { Directive } from '../syntax/directive.ts';
import { makeBag, putInto, type MemberOptions, type Reader, type Where } from './draft.ts';
import { readWorkerParameters, withMore, writeOptions } from './parameters.ts';
import { isForHttps } from './read-host.ts';
import { readSwitch } from './values.ts';

/** Reads the directives that are no setting and no mapping. */
export const others: Readonly<Record<string, Reader>> = {
  proxyhcexpr: readHcExprDirective,
  proxyhctemplate: readHcTemplate,
  header: readHeader,
  sethandler: readSetHandler,
  listen: readListen,
  proxyrequests: readProxyRequests,
  proxybadheader: readProxyBadHeader,
  balancerpersist: readBalancerPersist,
  balancerinherit: readInherit,
  proxypassinherit: readInherit,
};

/** `ProxyHCExpr ok234 {%{REQUEST_STATUS} =~ /^[234]/}`. */
function readHcExprDirective(item: Directive, { server, work }: Where): void {
  const [name, ...rest] = item.args;
  const [first] = rest;
  if (name === undefined || first === undefined) {
    work.ledger.fail(
      item.head,
      'it needs a name and an expression',
      'write ProxyHCExpr name {%{REQUEST_STATUS} =~ /^[23]/}',
    );
    return;
  }
  const expectation = readHcExpr(rest.map(({ text }) => text).join(' '));
  if (isFault(expectation)) {
    work.ledger.fail(first, expectation.problem, expectation.advice);
    return;
  }
  server.checks.exprs.set(name.text, expectation);
  work.ledger.take(item, `hcexpect where hcexpr=${name.text}`);
}

function readHcTemplate(item: Directive, { server, work }: Where): void {
  const [name, ...rest] = item.args;
  if (name === undefined) {
    work.ledger.fail(item.head, 'it has no name', 'write ProxyHCTemplate name hcmethod=GET hcuri=/health');
    return;
  }
  const bag = makeBag<MemberOptions>();
  const more = readWorkerParameters(rest, bag, { item, work, checks: server.checks });
  // httpd takes a template without a method for TCP.
  const options =
    bag.options.hcmethod === undefined ? { hcmethod: 'TCP' as const, ...bag.options } : bag.options;
  server.checks.templates.set(name.text, options);
  work.ledger.take(item, withMore(`copied where hctemplate=${name.text}`, more));
}

function readHeader(item: Directive, { scope, work }: Where): void {
  const cookie = readHeaderCookie(item, work.options);
  if (isFault(cookie)) {
    work.ledger.fail(item.args[0] ?? item.head, cookie.problem, cookie.advice);
    return;
  }
  if (cookie.kind === 'other') {
    work.ledger.drop(item, cookie.why);
    return;
  }
  putInto(scope.settings, { routeCookie: cookie.routeCookie }, { item, at: item.head });
  work.ledger.take(item, `routeCookie: ${writeOptions(cookie.routeCookie)}`);
  if (cookie.why !== '') work.ledger.differ(item, cookie.why);
}

function readSetHandler(item: Directive, { location, server, work }: Where): void {
  const handler = item.args[0]?.text.toLowerCase() ?? '';
  if (handler !== 'balancer-manager') {
    const why =
      handler === 'server-status'
        ? 'its figures are in registerMetrics (/metrics) and the manager'
        : handler.startsWith('proxy:')
          ? 'write ProxyPass for it'
          : 'no such handler is here: mount a middleware of the app at the path';
    work.ledger.drop(item, why);
    return;
  }
  const at = location ?? { ...server, at: '/', path: '/', item };
  if (location === undefined) server.locations.push({ ...at, manager: item });
  else location.manager = item;
  work.ledger.take(item, `manager at ${typeof at.at === 'string' ? at.at : String(at.at)}`);
}

function readListen(item: Directive, { work }: Where): void {
  const [at, protocol] = item.args;
  const [, address, digits] = /^(?:(\[[^\]]+\]|[^:]+):)?(\d{1,5})$/.exec(at?.text ?? '') ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535) {
    work.ledger.fail(at ?? item.head, 'it is no port', 'write Listen 8080 or Listen 127.0.0.1:8080');
    return;
  }
  const bare = address?.replace(/^\[|\]$/g, '');
  const listen: Listen = {
    address: bare === '*' ? undefined : bare,
    port,
    ...(protocol && { protocol: protocol.text.toLowerCase() }),
    place: item.place,
  };
  work.listen.push(listen);
  if (isForHttps(listen))
    work.ledger.differ(
      item,
      'it is for https: serve speaks HTTP and leaves it out; in an app of your own, https.createServer listens',
    );
  else work.ledger.take(item, `serve listens on ${at!.text}; in an app of your own, server.listen does`);
}

function readProxyRequests(item: Directive, { work }: Where): void {
  const isOn = readSwitch(item.args[0]?.text ?? '');
  if (isFault(isOn)) work.ledger.fail(item.args[0] ?? item.head, isOn.problem, isOn.advice);
  else if (isOn)
    work.ledger.drop(
      item,
      `${refusedOptions.get('proxyrequests')!.problem}: only what a ProxyPass names is proxied`,
    );
  else work.ledger.take(item, 'this is no forward proxy anyway');
}

function readProxyBadHeader(item: Directive, { work }: Where): void {
  if (/^iserror$/i.test(item.args[0]?.text ?? ''))
    work.ledger.take(item, 'an answer that is no HTTP ends in 502 anyway');
  else work.ledger.drop(item, 'an answer that is no HTTP ends in 502, as with IsError');
}

function readBalancerPersist(item: Directive, { work }: Where): void {
  const isOn = readSwitch(item.args[0]?.text ?? '');
  if (isFault(isOn)) work.ledger.fail(item.args[0] ?? item.head, isOn.problem, isOn.advice);
  else if (isOn)
    work.ledger.drop(
      item,
      "changes are kept by the app: createManager's onChange tells them, initialChanges takes them back",
    );
  else work.ledger.take(item, 'what the manager changes is gone with the process');
}

// What it says was read with the host.
function readInherit(item: Directive, { server, work }: Where): void {
  const isOn = readSwitch(item.args[0]?.text ?? '');
  const what = item.key === 'proxypassinherit' ? 'mounts' : 'balancers';
  if (isFault(isOn)) work.ledger.fail(item.args[0] ?? item.head, isOn.problem, isOn.advice);
  else if (server.host === undefined && !isOn)
    work.ledger.drop(item, 'write it in each <VirtualHost> that it is for');
  else work.ledger.take(item, `${what} of the main server are ${isOn ? '' : 'not '}those of the host too`);
}
