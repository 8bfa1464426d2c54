import type { MemberSettings } from '../definition/settings.ts';
import { quote } from '../definition/describe.ts';
import { joinPath } from '../request/path.ts';
import { isBelow } from '../rewrite/map-path.ts';
import type { Watch, WatchedAnswer } from './watch.ts';

/** What a path says of how a balancer with a member's base path is mounted. */
export type PathEvidence = 'doubled' | 'plain' | undefined;

/** Tells a path that the mount has left whole from one that is as it should be; undefined: it tells nothing. */
export function readEvidence(
  { basePath }: Pick<MemberSettings, 'basePath'>,
  { pathToMember, mountPath }: Readonly<{ pathToMember: string; mountPath: string }>,
): PathEvidence {
  // `/` is there, however it is mounted.
  if (basePath === '' || pathToMember === '/') return undefined;
  // It was stripped once: who asks for it twice means it.
  const isStripped = mountPath === basePath || mountPath.endsWith(basePath);
  return !isStripped && isBelow(pathToMember, basePath) ? 'doubled' : 'plain';
}

/** A member's own path in front of a path that begins with it. */
export const watchPath: Watch<WatchedAnswer> = {
  code: 'WARN_BALANCER_DOUBLED_PATH',
  isNeeded: ({ members }) => members.some(({ basePath }) => basePath !== ''),
  judge({ reply, member, request: { inbound } }) {
    if (reply.status !== 404 || readEvidence(member, inbound) !== 'doubled') return undefined;
    const { basePath, origin } = member;
    const asked = joinPath(basePath, inbound.pathToMember);
    return (
      `${origin} was asked for ${quote(asked)}, and has answered 404: its own path ${quote(basePath)} stands in front of a ` +
      `path that has it already. Write app.use(${quote(basePath)}, balancer), which takes the path off (app.all and ` +
      `app.get do not), or the member without it: ${quote(origin)}`
    );
  },
};
