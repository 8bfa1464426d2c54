import { isIP } from 'node:net';
import { isArray } from './describe.ts';
import { isString } from './judges.ts';
import { parseMemberUrl } from './member-url.ts';
import { checkBy, isFault, isOptions, stateProblem } from './problem.ts';
import type { Check, Fault, Options, Problem } from './problem.ts';

const checkServer = checkBy(judgeServer);

/** The check of `resolver` by itself: DNS servers. */
export const checkResolver: Check = (value, path) => {
  if (!isArray(value)) return checkServer(value, path);
  if (value.length > 0) return value.flatMap((server, i) => checkServer(server, `${path}[${i}]`));
  return [
    stateProblem(path, value, { problem: 'the list is empty', advice: "leave it out for the system's" }),
  ];
};

function judgeServer(value: unknown): Fault | undefined {
  const advice = "write an address such as '10.0.0.2', '10.0.0.2:5353' or '[fd00::2]:5353'";
  if (!isString(value)) return { problem: 'it must be the address of a DNS server', advice };
  if (isIP(value) !== 0) return undefined;
  const [, v6, v4, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(value) ?? [];
  const isAddress = v6 === undefined ? isIP(v4 ?? '') === 4 : isIP(v6) === 6;
  if (!isAddress)
    return {
      problem: 'it must be the address of a DNS server: a name would have to be resolved first',
      advice,
    };
  if (port === undefined || (Number(port) > 0 && Number(port) < 65_536)) return undefined;
  return { problem: 'there is no such port', advice };
}

/** A resolver that nobody asks. */
export function checkResolverUse({ resolver, members }: Options): readonly Problem[] {
  if (resolver === undefined || !isArray(members)) return [];
  if (members.some((member) => isOptions(member) && member['resolve'] !== undefined)) return [];
  const fault = {
    problem: 'no member is resolved by it',
    advice: "write resolve: 'A' on a member, or leave it out",
  };
  return [stateProblem('resolver', resolver, fault)];
}

/** Whether DNS can tell the servers behind a member's URL. */
export function checkResolve(member: Options, path: string): readonly Problem[] {
  const { resolve, url } = member;
  const address = parseMemberUrl(url);
  if (resolve === undefined || isFault(address)) return [];
  const complain = (problem: string, advice: string): readonly Problem[] => [
    stateProblem(`${path}.resolve`, resolve, { problem, advice }),
  ];
  if (address.socketPath !== undefined) return complain('a socket has no name in DNS', 'leave it out');
  if (isIP(address.hostname) !== 0) return complain('the host is an address already', 'leave it out');
  // The default port does not show in what was parsed.
  if (resolve === 'SRV' && /^[^:]+:\/\/[^/?#]*:\d+/.test(String(url)))
    return complain('SRV records tell the ports', "leave the port out of url, or write 'A'");
  return [];
}
