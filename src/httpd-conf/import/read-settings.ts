import { isFault, type Fault } from '../../definition/problem.ts';
import { findNearest } from '../../definition/spelling.ts';
import type { Argument, Directive } from '../syntax/directive.ts';
import { putInto, type BalancerOptions, type Reader, type Where } from './draft.ts';
import { listOptions } from './parameters.ts';
import { readSwitch, readTime, readWhole } from './values.ts';

/** The options that the arguments of a directive come to, and how they differ. */
type ReadOptions = (
  args: readonly [Argument, ...Argument[]],
) => Readonly<{ options: Partial<BalancerOptions>; differs?: string }> | Fault;

/** A directive that becomes an option of the balancers in its scope. */
function setOption(example: string, read: ReadOptions): Reader {
  return (item, { scope, work }) => {
    const [first, ...rest] = item.args;
    if (first === undefined) {
      work.ledger.fail(item.head, `${item.name} says nothing`, `write ${example}`);
      return;
    }
    const reading = read([first, ...rest]);
    if (isFault(reading)) {
      work.ledger.fail(first, reading.problem, reading.advice);
      return;
    }
    const { options, differs } = reading;
    putInto(scope.settings, options, { item, at: first });
    work.ledger.take(item, listOptions(options));
    if (differs !== undefined) work.ledger.differ(item, differs);
  };
}

const onOff =
  (name: 'proxypreservehost' | 'proxyaddheaders'): ReadOptions =>
  ([at]) => {
    const value = readSwitch(at.text);
    return isFault(value) ? value : { options: { [name]: value } };
  };

/** Reads each directive that is an option of a balancer. */
export const settings: Readonly<Record<string, Reader>> = {
  proxypreservehost: setOption('ProxyPreserveHost On', onOff('proxypreservehost')),
  proxyaddheaders: setOption('ProxyAddHeaders On', onOff('proxyaddheaders')),
  proxyvia: setOption('ProxyVia On', readVia),
  proxyerroroverride: setOption('ProxyErrorOverride On', readErrorOverride),
  proxymaxforwards: setOption('ProxyMaxForwards 10', readMaxForwards),
  proxytimeout: setOption('ProxyTimeout 60', ([at]) => {
    const reading = readTime(at.text, 's');
    if (isFault(reading)) return reading;
    const { time, ...more } = reading;
    return { options: { proxytimeout: time }, ...more };
  }),
  timeout: readServerTimeout,
  sslproxyengine: readEngine,
  sslproxyverify: readVerify,
};

function readMaxForwards([at]: Parameters<ReadOptions>[0]): ReturnType<ReadOptions> {
  const proxymaxforwards = readWhole(at.text, -1, 2 ** 31 - 1);
  if (isFault(proxymaxforwards)) return proxymaxforwards;
  if (proxymaxforwards === -1) return { options: { proxymaxforwards } };
  return {
    options: { proxymaxforwards },
    differs:
      'Max-Forwards is added to OPTIONS and TRACE alone (RFC 9110 7.6.2), httpd adds it to every request',
  };
}

function readVia([at]: Parameters<ReadOptions>[0]): ReturnType<ReadOptions> {
  const words = ['Off', 'On', 'Full', 'Block'] as const;
  const proxyvia = words.find((word) => word.toLowerCase() === at.text.toLowerCase());
  if (proxyvia !== undefined) return { options: { proxyvia } };
  const nearest = findNearest(at.text, words);
  return { problem: 'it is Off, On, Full or Block', advice: `write ${nearest ?? 'On'}` };
}

function readErrorOverride([at, ...codes]: Parameters<ReadOptions>[0]): ReturnType<ReadOptions> {
  const isOn = readSwitch(at.text);
  if (isFault(isOn)) return isOn;
  const statuses = codes.map(({ text }) => Number(text));
  if (statuses.length === 0 || !isOn) return { options: { proxyerroroverride: isOn } };
  if (codes.every(({ text }) => /^[45]\d\d$/.test(text)))
    return { options: { proxyerroroverride: [...new Set(statuses)] } };
  return {
    problem: 'statuses that are overridden are those from 400 to 599',
    advice: 'write ProxyErrorOverride On 502 503',
  };
}

function readServerTimeout(item: Directive, { scope, work }: Where): void {
  const reading = readTime(item.args[0]?.text ?? '', 's');
  if (isFault(reading)) {
    work.ledger.fail(item.args[0] ?? item.head, reading.problem, reading.advice);
    return;
  }
  const { time, differs } = reading;
  scope.server.timeout = { time, source: { item, at: item.args[0]! } };
  work.ledger.take(item, `proxytimeout ${time} where ProxyTimeout says nothing`);
  if (differs !== undefined) work.ledger.differ(item, differs);
  work.ledger.differ(
    item,
    'towards clients the server of the app decides (server.requestTimeout); serve ends a client that is silent for a minute',
  );
}

function readEngine(item: Directive, { scope, work }: Where): void {
  const isOn = readSwitch(item.args[0]?.text ?? '');
  if (isFault(isOn)) {
    work.ledger.fail(item.args[0] ?? item.head, isOn.problem, isOn.advice);
    return;
  }
  scope.server.speaksTls = isOn;
  if (isOn) work.ledger.take(item, 'members with https:// are spoken to by TLS');
  else work.ledger.differ(item, 'members with https:// are spoken to by TLS all the same');
}

function readVerify(item: Directive, { scope, work }: Where): void {
  const [at] = item.args;
  const word = at?.text.toLowerCase() ?? '';
  if (at === undefined || !['none', 'optional', 'require', 'optional_no_ca'].includes(word)) {
    work.ledger.fail(
      at ?? item.head,
      'it is none, optional or require',
      'write SSLProxyVerify none or require',
    );
    return;
  }
  const verifies = word === 'require' || word === 'optional';
  scope.server.verifies = verifies;
  work.ledger.take(
    item,
    verifies
      ? "certificates of https:// members are verified, against Node's trust store"
      : 'tls: { rejectUnauthorized: false } for https:// members',
  );
}
