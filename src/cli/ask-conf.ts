import type { BalancerDefinition } from '../definition/definition.ts';
import type { HttpdConf, HttpdMount } from '../httpd-conf/httpd-conf.ts';
import { createHttpdHandler } from '../httpd-conf/mount/handler.ts';
import type { HttpdExplanation } from '../httpd-conf/mount/handler-options.ts';
import { insideOf } from '../inside.ts';
import { joinPath } from '../request/path.ts';
import { joinAsWritten } from '../rewrite/as-written.ts';
import { makeUp, type Question } from './made-up-request.ts';

/** What would become of a request. */
export type Answer = Readonly<{
  method: string;
  url: string;
  /** Name of the virtual host; undefined: there is none, or it has none. */
  host: string | undefined;
  mount:
    | Readonly<{ at: string; kind: HttpdMount['kind']; file: string | undefined; line: number | undefined }>
    | undefined;
  isAllowed: boolean;
  balancer: string | undefined;
  member: string | undefined;
  /** What the member would be asked for. */
  memberUrl: string | undefined;
  /** In a sentence for each step. */
  text: string;
  /** Why of each member. */
  members: readonly Readonly<{ name: string; url: string; why: string; text: string }>[];
}>;

/** Asks a configuration what would become of a request. Nothing is sent to anybody: neither requests nor checks nor questions to DNS. */
export async function askConf(conf: HttpdConf, question: Question): Promise<Answer> {
  const handler = createHttpdHandler(conf, { define: silence, logger: false });
  try {
    return readAnswer(handler.explain(makeUp(question)), question);
  } finally {
    await handler.close();
  }
}

function readAnswer(found: HttpdExplanation, { method, url }: Question): Answer {
  const { host, mount, access, explanation } = found;
  return {
    method,
    url: url.href,
    host: host?.serverName,
    mount: mount && {
      at: String(mount.at),
      kind: mount.kind,
      file: mount.place?.file,
      line: mount.place?.line,
    },
    isAllowed: access.isAllowed,
    balancer: found.balancer && insideOf(found.balancer).now().parts.settings.name,
    member: explanation?.member,
    memberUrl: findMemberUrl(found),
    text: found.text,
    members: explanation?.members ?? [],
  };
}

function findMemberUrl({ balancer, target, explanation }: HttpdExplanation): string | undefined {
  if (balancer === undefined || target === undefined) return undefined;
  const { settings, members } = insideOf(balancer).now().parts;
  const chosen = members.view().find(({ settings: { name } }) => name === explanation?.member)?.settings;
  if (chosen === undefined) return undefined;
  const path =
    settings.compat === 'httpd' ? joinAsWritten(chosen, target) : joinPath(chosen.basePath, target);
  return `${chosen.socketPath === undefined ? '' : `unix:${chosen.socketPath}|`}${chosen.origin}${path}`;
}

/** The definition without what would be sent by itself. A name that stands for several servers is one member then. */
function silence(definition: BalancerDefinition): BalancerDefinition {
  const { memberDefaults, members, ...others } = definition;
  return {
    ...others,
    members: members.map((member) => (typeof member === 'string' ? member : withoutChecks(member))),
    ...(memberDefaults && { memberDefaults: withoutChecks(memberDefaults) }),
  };
}

function withoutChecks<Parameters extends object>(parameters: Parameters): Parameters {
  const kept = Object.entries(parameters).filter(([name]) => !/^(?:hc|warmUp$|resolve$)/.test(name));
  // What is left out is optional wherever it stands.
  return Object.fromEntries(kept) as Parameters;
}
