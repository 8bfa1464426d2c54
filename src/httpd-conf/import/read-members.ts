import { describe } from '../../definition/describe.ts';
import { isFault } from '../../definition/problem.ts';
import type { Argument, Directive, Item } from '../syntax/directive.ts';
import { defineBalancer } from './balancers.ts';
import { makeBag, type MemberDraft, type Reader, type Where, type WorkerDraft } from './draft.ts';
import { most } from './limits.ts';
import { readBalancerParameters, readWorkerParameters, withMore } from './parameters.ts';
import { isBalancerUrl, readBalancerName } from './read-target.ts';
import { isAbsoluteUrl, normalise, readServerUrl } from './read-url.ts';

/** Reads BalancerMember, in a `<Proxy balancer://…>` or with the balancer as its first argument. */
export const readBalancerMember: Reader = (item, where) => {
  const { ledger } = where.work;
  const [first] = item.args;
  const isNamed = first !== undefined && isBalancerUrl(first.text);
  const [url, ...rest] = isNamed ? item.args.slice(1) : item.args;
  const name = isNamed ? nameBalancer(first, where) : nameOfSection(item, where);
  if (name === undefined) return;
  if (url === undefined) {
    ledger.fail(item.head, 'it has no member', 'write BalancerMember http://host:port');
    return;
  }
  const server = readServerUrl(url.text);
  if (isFault(server)) {
    ledger.fail(url, server.problem, 'write http://host:port, or https://host:port/path');
    return;
  }
  const draft = defineBalancer(where.server, name, { item, at: first! });
  if ('why' in server) {
    ledger.drop(item, `${server.why}; ${name} does without it`);
    return;
  }
  const member: MemberDraft = {
    ...makeBag(),
    url: server.url,
    base: normalise(server.url),
    source: { item, at: url },
  };
  if (server.isWebSocket) {
    member.options = { upgrade: ['websocket'] };
    member.from.set('upgrade', { item, at: url });
  }
  const more = readWorkerParameters(rest, member, { item, work: where.work, checks: where.server.checks });
  ledger.take(item, withMore(`member ${server.url} of ${name}`, more));
  if (server.isWebSocket)
    ledger.differ(item, 'it serves requests without an upgrade too, since its URL is written with http here');
  tellShared(member, draft.members, where);
  draft.members.push(member);
};

/** Reads ProxySet: parameters of the section that it stands in, or of the URL that it names. */
export const readProxySet: Reader = (item, where) => {
  const [first, ...others] = item.args;
  const isNamed = first !== undefined && /^(unix:|[a-z][a-z0-9+.-]*:\/\/)/i.test(first.text);
  const url = isNamed ? first.text : where.proxy;
  if (url === undefined || first === undefined) {
    const [problem, advice]: readonly [string, string] =
      first === undefined
        ? ['it sets nothing', 'write ProxySet key=value']
        : [
            'it does not say whose parameters these are',
            'write ProxySet balancer://name key=value, or put it in <Proxy balancer://name>',
          ];
    where.work.ledger.fail(item.head, problem, advice);
    return;
  }
  readParametersOf(url, isNamed ? others : item.args, { item, at: first, where });
};

/** Parameters behind the URL of a `<Proxy>` or a ProxySet. */
export function readParametersOf(
  url: string,
  args: readonly Argument[],
  { item, at, where }: Readonly<{ item: Item; at: Argument; where: Where }>,
): void {
  const { work, server } = where;
  if (isBalancerUrl(url)) {
    const name = nameBalancer({ ...at, text: url }, where);
    if (name === undefined) return;
    const draft = defineBalancer(server, name, { item, at });
    work.ledger.take(item, withMore(`balancer ${name}`, readBalancerParameters(args, draft, { item, work })));
    return;
  }
  const target = readServerUrl(url);
  if (isFault(target)) {
    // httpd looks at the URL of a section only when it is asked for.
    const isOfSection = item.kind === 'section' || url === where.proxy;
    if (isOfSection && isAbsoluteUrl(url)) work.ledger.drop(item, target.problem);
    else work.ledger.fail(at, target.problem, 'write balancer://name or http://host:port');
    return;
  }
  if ('why' in target || url.endsWith('*')) {
    work.ledger.drop(item, 'why' in target ? target.why : `${describe(url)} is not the URL of one server`);
    return;
  }
  const worker: WorkerDraft = { ...makeBag(), base: normalise(target.url) };
  const more = readWorkerParameters(args, worker, { item, work, checks: server.checks });
  work.ledger.take(item, withMore(`parameters of ${target.url} where it is proxied to by itself`, more));
  server.workers.push(worker);
}

/** The name of a balancer; what is wrong with it has been told. */
function nameBalancer(at: Argument, { work }: Where): string | undefined {
  const name = readBalancerName(at.text);
  if (name === undefined)
    work.ledger.fail(
      at,
      'no balancer has such a name',
      'write balancer://name of letters, digits, - _ and .',
    );
  return name;
}

function nameOfSection(item: Directive, { proxy, work }: Where): string | undefined {
  const name = proxy === undefined ? undefined : readBalancerName(proxy);
  // httpd takes any URL for the name of a balancer, and sends nothing to one that is not called balancer://.
  if (name === undefined && proxy !== undefined && /:\/\/./.test(proxy))
    work.ledger.drop(item, `${describe(proxy)} is no balancer that requests could be sent to`);
  else if (name === undefined)
    work.ledger.fail(
      item.head,
      'it does not say whose member this is',
      'put it in <Proxy balancer://name>, or write BalancerMember balancer://name http://host:port',
    );
  return name;
}

/** httpd takes a member whose URL begins with that of an earlier one for the same (2.11). */
function tellShared({ url, source }: MemberDraft, members: readonly MemberDraft[], { work }: Where): void {
  // Each is compared with all before it, and so many are refused anyway.
  if (members.length >= most.members) return;
  const earlier = members.find((other) => url !== other.url && url.startsWith(other.url));
  if (earlier === undefined) return;
  work.ledger.differ(
    source.item,
    `a member of its own; httpd would share ${earlier.url} and ignore this line`,
  );
}
