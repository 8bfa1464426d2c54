import type { BalancerDefinition } from '../../../../src/definition/definition.ts';
import type {
  HttpdConf,
  HttpdConfOptions,
  HttpdMount,
  Notice,
} from '../../../../src/httpd-conf/httpd-conf.ts';
import { importConf } from '../../../../src/httpd-conf/import/import-conf.ts';
import { createLedger } from '../../../../src/httpd-conf/ledger.ts';
import { parseConf } from '../../../../src/httpd-conf/syntax/parse-conf.ts';

type Imported = Omit<HttpdConf, 'notices'> &
  Readonly<{ notices: readonly Notice[]; problems: readonly string[] }>;

/** What a text comes to, right or wrong. */
export function importText(text: string, options: HttpdConfOptions = {}): Imported {
  const ledger = createLedger();
  const items = parseConf({ text, file: 'httpd.conf' }, undefined, ledger, options);
  const conf = importConf(items, ledger, options);
  const problems = ledger
    .problems()
    .map(({ line, column, problem, advice }) => `${line}:${column} ${problem}; ${advice}`);
  return { ...conf, notices: ledger.notices(), problems };
}

/** A mount without its place, its host by name. */
export function plain(mount: HttpdMount): object {
  const { host } = mount;
  const rest = Object.fromEntries(
    Object.entries(mount).filter(([name]) => name !== 'place' && name !== 'host'),
  );
  return { ...rest, ...(host && { host: host.serverName }) };
}

/** The mounts of a right text. */
export function mountsOf(text: string, options: HttpdConfOptions = {}): readonly object[] {
  const { mounts, problems } = importText(text, options);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return mounts.map(plain);
}

/** The definitions of a right text, each once. */
export function definitionsOf(text: string, options: HttpdConfOptions = {}): readonly BalancerDefinition[] {
  const { mounts, problems } = importText(text, options);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return [
    ...new Set(
      mounts.flatMap((mount) => (mount.kind === 'balancer' && mount.definition ? [mount.definition] : [])),
    ),
  ];
}

/** The verdict on a line. */
export function noticeOf(text: string, line: number, options: HttpdConfOptions = {}): string {
  const notice = importText(text, options).notices.find((each) => each.line === line);
  return notice === undefined ? 'none' : `${notice.kind}: ${notice.why}`;
}

/** The one member of a balancer, with these parameters. */
export function memberWith(parameters: string, more = '', options: HttpdConfOptions = {}): unknown {
  const text = `${more}\n<Proxy balancer://c>\nBalancerMember http://a ${parameters}\n</Proxy>\nProxyPass /x balancer://c`;
  return definitionsOf(text, options)[0]!.members[0];
}
