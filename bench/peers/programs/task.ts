import type { Task } from '../peer.ts';

/** What this program was started for. */
export function readTask(): Task {
  return JSON.parse(process.argv[2]!) as Task;
}

type Asked = Readonly<{ headers: Readonly<{ cookie?: string | undefined }> }>;

const cookieRoute = /(?:^|;\s*)sid=[^;]*\.r(\d+)(?:;|$)/;

/** For libraries that leave the choice to their user: index of the member whose turn it is, or which the session is bound to. */
export function createTurn({ members, sticky }: Task): (req: Asked) => number {
  let next = 0;
  const take = (): number => {
    const taken = next;
    next = taken + 1 === members.length ? 0 : taken + 1;
    return taken;
  };
  if (!sticky) return take;
  return ({ headers }) => {
    const bound = Number(cookieRoute.exec(headers.cookie ?? '')?.[1]);
    return bound < members.length ? bound : take();
  };
}
