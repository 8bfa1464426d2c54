import { isIP } from 'node:net';
import { describe } from '../../definition/describe.ts';
import { isFault, type Fault } from '../../definition/problem.ts';
import type { Item, Section } from '../syntax/directive.ts';
import type { Listen, VirtualHost } from '../httpd-conf.ts';
import type { Work } from './draft.ts';
import { readSwitch } from './values.ts';

/** What a `<VirtualHost>` is for; its own directives ServerName, ServerAlias and SSLEngine are read here. */
export function readHost(section: Section, { ledger, listen }: Work): VirtualHost {
  const ports: number[] = [];
  if (section.args.length === 0) ledger.fail(section.head, 'it has no address', 'write <VirtualHost *:80>');
  for (const at of section.args) {
    const port = readAddress(at.text);
    if (isFault(port)) ledger.fail(at, port.problem, port.advice);
    else ports.push(port);
  }
  const names = {
    serverName: undefined as string | undefined,
    serverAlias: [] as string[],
    ssl: undefined as boolean | undefined,
  };
  for (const item of section.items) if (item.kind === 'directive') readName(item, names, ledger);
  const { serverName, serverAlias, ssl } = names;
  // `*` is for every port, and so is the host.
  const all = ports.includes(0) ? [] : [...new Set(ports)];
  const isTls = ssl ?? (all.length > 0 && all.every((port) => isHttpsPort(port, listen)));
  const host: VirtualHost = {
    serverName,
    serverAlias,
    ports: all,
    isTls,
    inherits: inheritsMappings(section.items),
    place: section.place,
  };
  ledger.take(section, `host ${describeHost(host)}`);
  if (section.args.some(({ text }) => !/^(\*|_default_)(:|$)/i.test(text)))
    ledger.differ(section, 'its port counts, not its address: requests are told apart by their Host');
  return host;
}

/** Whether TLS is spoken there, by httpd's own rule, where no SSLEngine says. */
export function isForHttps({ port, protocol }: Pick<Listen, 'port' | 'protocol'>): boolean {
  return protocol === undefined ? port === 443 : protocol === 'https';
}

function isHttpsPort(port: number, listen: readonly Listen[]): boolean {
  const its = listen.filter((each) => each.port === port);
  return its.length > 0 ? its.every(isForHttps) : isForHttps({ port });
}

/** A host in a few words. */
function describeHost({ serverName, ports, isTls }: VirtualHost): string {
  const port = ports.length === 0 ? '' : ` on port ${ports.join(', ')}`;
  return `${serverName ?? 'without a name'}${port}${isTls ? ' (https)' : ''}`;
}

/** `ProxyPassInherit Off`. */
function inheritsMappings(items: readonly Item[]): boolean {
  return !items.some(({ key, args }) => key === 'proxypassinherit' && /^off$/i.test(args[0]?.text ?? ''));
}

/** A port of an address; 0 for all of them. */
function readAddress(text: string): number | Fault {
  const [, host = '', port] = /^(\*|_default_|\[[^\]]*\]|[^:]*)(?::(\d{1,5}|\*))?$/i.exec(text) ?? [];
  const isHost =
    /^(\*|_default_)$/i.test(host) ||
    isIP(host.replace(/^\[|\]$/g, '')) !== 0 ||
    /^[\w-]+(\.[\w-]+)*$/.test(host);
  if (!isHost) return { problem: 'it is no address', advice: 'write *:80, 10.1.2.3:80 or [2001:db8::1]:80' };
  if (port === undefined || port === '*') return 0;
  return Number(port) > 0 && Number(port) < 65_536
    ? Number(port)
    : { problem: 'there is no such port', advice: 'write a port from 1 to 65535' };
}

function readName(
  item: Extract<Item, { kind: 'directive' }>,
  names: { serverName: string | undefined; serverAlias: string[]; ssl: boolean | undefined },
  ledger: Work['ledger'],
): void {
  const [at] = item.args;
  switch (item.key) {
    case 'servername': {
      const name = /^(?:[a-z]+:\/\/)?(\[[^\]]*\]|[^:/]+)(?::\d{1,5})?\/?$/i.exec(at?.text ?? '')?.[1];
      if (name === undefined || !/^[\w.:[\]-]+$/.test(name))
        ledger.fail(at ?? item.head, 'it is no host name', 'write ServerName www.example.com');
      else {
        names.serverName = name.toLowerCase();
        ledger.take(item, `host ${names.serverName}`);
      }
      break;
    }
    case 'serveralias': {
      // httpd takes whatever is written there, and templates write it with nothing behind it.
      const isName = (text: string): boolean => /^[\w.*?:-]{1,253}$/.test(text);
      const aliases = item.args.flatMap(({ text }) => (isName(text) ? text.toLowerCase() : []));
      names.serverAlias.push(...aliases);
      for (const { text } of item.args)
        if (!isName(text)) ledger.differ(item, `no client asks for a host ${describe(text.slice(0, 40))}`);
      if (aliases.length > 0 || at === undefined)
        ledger.take(item, aliases.length > 0 ? `host ${aliases.join(', ')}` : 'no host more');
      break;
    }
    case 'sslengine': {
      const isOn = /^optional$/i.test(at?.text ?? '') ? true : readSwitch(at?.text ?? '');
      if (isFault(isOn)) {
        ledger.fail(at ?? item.head, isOn.problem, 'write SSLEngine On');
        break;
      }
      names.ssl = isOn;
      ledger.take(item, isOn ? 'the host is for https' : 'the host is for http');
      if (isOn) ledger.differ(item, "the app's own server speaks TLS, as https.createServer does");
      break;
    }
  }
}
