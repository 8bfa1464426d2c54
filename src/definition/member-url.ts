import { types } from 'node:util';
import { quote } from './describe.ts';
import type { Fault } from './problem.ts';
import type { MemberSettings } from './settings.ts';

/** Where a member is: what its URL says. */
export type MemberAddress = Pick<
  MemberSettings,
  'url' | 'origin' | 'protocol' | 'hostname' | 'port' | 'host' | 'socketPath' | 'basePath' | 'path'
>;

/** What a scheme that is no HTTP is answered with. */
const schemes: ReadonlyMap<string, Fault> = new Map([
  [
    'ws:',
    { problem: 'upgrades go to the same members as everything else', advice: 'write http:// for ws://' },
  ],
  [
    'wss:',
    { problem: 'upgrades go to the same members as everything else', advice: 'write https:// for wss://' },
  ],
  ['balancer:', { problem: 'a member is one server, not a balancer', advice: "write its members' URLs" }],
]);

/** The parts of a member's URL, or what is wrong with it. */
export function parseMemberUrl(text: unknown): MemberAddress | Fault {
  if (typeof text !== 'string') return judgeNonText(text);
  if (/[\s\p{Cc}]/u.test(text))
    return { problem: 'a URL has no blanks or control characters', advice: 'take them out' };
  const [, socketPath, rest] = /^unix:([^|]*)\|?(.*)$/i.exec(text) ?? [];
  if (socketPath === undefined || rest === undefined) return parseHttpUrl(text, undefined);
  if (!socketPath.startsWith('/')) {
    return {
      problem: 'the path of a socket begins at the root',
      advice: "write 'unix:/path/to.sock|http://localhost/'",
    };
  }
  if (rest === '') {
    return {
      problem: 'the URL that is spoken through the socket is missing',
      advice: `write ${quote(`unix:${socketPath}|http://localhost/`)}`,
    };
  }
  return parseHttpUrl(rest, socketPath);
}

function parseHttpUrl(text: string, socketPath: string | undefined): MemberAddress | Fault {
  const fault = judgeForm(text);
  if (fault) return fault;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { problem: 'it is no URL (host, port or brackets are wrong)', advice: adviseForm };
  }
  if (url.username || url.password) return credentials;
  if (url.port === '0')
    return { problem: 'nobody listens on port 0', advice: 'write the port that the server listens on' };
  const protocol = url.protocol === 'https:' ? 'https:' : 'http:';
  const path = url.pathname;
  const socket = socketPath === undefined ? '' : `unix:${socketPath}|`;
  return {
    url: `${socket}${url.origin}${path === '/' ? '' : path}`,
    origin: url.origin,
    protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (protocol === 'https:' ? 443 : 80) : Number(url.port),
    host: url.host,
    socketPath,
    basePath: path.replace(/\/+$/, ''),
    path,
  };
}

const adviseForm = "write it so: 'http://host:3000/base/'";

const credentials: Fault = {
  problem: 'a URL with a user name or password would show them in logs',
  advice: 'leave them out, and set an Authorization header in the app',
};

/** What is wrong with the form of a text that should be an http(s) URL; `new URL` would take much for one. */
function judgeForm(text: string): Fault | undefined {
  if (text === '') return { problem: 'it is empty', advice: adviseForm };
  const scheme = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return judgeSchemeless(text);
  if (scheme !== 'http:' && scheme !== 'https:') {
    return (
      schemes.get(scheme) ?? {
        problem: `${scheme}// is not spoken here`,
        advice: 'write http:// or https://',
      }
    );
  }
  if (text.includes('\\')) return { problem: 'a URL has no backslashes', advice: 'write / for them' };
  const authority = /^[^:]+:\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
  if (authority.includes('@')) return credentials;
  if (authority === '') return { problem: 'it has no host', advice: adviseForm };
  if (/[?#]/.test(text)) {
    return {
      problem: "a member has no query or fragment: the client's query is sent to it",
      advice: 'leave out what follows the path',
    };
  }
  return undefined;
}

function judgeSchemeless(text: string): Fault {
  const problem = 'its scheme is missing';
  if (text.includes('@')) return credentials;
  if (/^\/(?!\/)/.test(text)) return { problem: 'a path alone names no server', advice: adviseForm };
  if (/^:?\d+$/.test(text)) return { problem, advice: `write 'http://localhost:${text.replace(':', '')}'` };
  const rest = text.replace(/^(https?)?:?\/*/i, '');
  const isServer = /^(\[[\da-f:.]+\]|[a-z\d][\w.-]*)(:\d{1,5})?(\/[^?#\\]*)?$/i.test(rest);
  const scheme = /^https:/i.test(text) ? 'https' : 'http';
  return { problem, advice: isServer ? `write ${quote(`${scheme}://${rest}`)}` : adviseForm };
}

function judgeNonText(value: unknown): Fault {
  if (!types.isProxy(value) && value instanceof URL)
    return { problem: 'a URL is written as a text', advice: 'write its href' };
  if (Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536) {
    return { problem: 'a port alone is no URL', advice: `write 'http://localhost:${Number(value)}'` };
  }
  return { problem: 'it is no URL', advice: adviseForm };
}
