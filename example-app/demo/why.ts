import type { AttemptFacts, BalancerEvents, Explanation, MemberSnapshot, Why } from 'express-proxy-balancer';

/** A request that is over: what the balancer knew when it came, and what it has done. */
export type Witnessed = Readonly<{
  path: string;
  visitor: string | undefined;
  /** `req.balancer.attempts` */
  attempts: readonly AttemptFacts[];
  /** `balancer.explain(req)`, before it was sent. */
  explanation: Explanation;
  /** `balancer.view()` at the same moment. */
  members: readonly MemberSnapshot[];
}>;

/** `GET /posts/17 → app2 (byresponsetime: app2 20 ms ×3, app3 22 ms ×4; app1 ejected 0.8 s)` */
export function tellRequest(request: Witnessed): string {
  const { path, attempts } = request;
  const why = attempts.length > 1 ? tellAttempts(attempts) : tellChoice(request);
  return `GET ${path} → ${attempts.at(-1)?.name ?? 'nobody'} (${why})`;
}

/** When the choice was made that is told of, in milliseconds after the request came. */
export function choiceMs({ attempts }: Pick<Witnessed, 'attempts'>): number {
  const failed = attempts.at(-2);
  if (failed === undefined) return 0;
  // What a failure leads to (an ejection) is told a moment before the failure is noted, and should stand after it.
  return Math.max(0, failed.startedMs + failed.durationMs - 1);
}

function tellChoice({ visitor = 'somebody', attempts, explanation, members }: Witnessed): string {
  const [attempt] = attempts;
  const chosen = members.find(({ name }) => name === attempt?.name);
  if (attempt === undefined || chosen === undefined) return explanation.text;
  if (chosen.inError) return 'its time out is over, and this request tries it';
  if (attempt.reason === 'route') {
    const though = chosen.status.includes('N') ? '; it drains, and keeps the sessions it has' : '';
    return `the session of ${visitor} lives there${though}`;
  }
  const rivals = explanation.members.flatMap(({ name, why }) => (why === 'not-preferred' ? [name] : []));
  const open = members.filter(({ name }) => name === chosen.name || rivals.includes(name));
  const out = explanation.members.flatMap(({ name, why }) => {
    const member = members.find((each) => each.name === name);
    return member === undefined || open.includes(member) ? [] : [tellAbsence(member, why)];
  });
  return [`byresponsetime: ${open.map(tellFigures).join(', ')}`, ...out].join('; ');
}

/** What byresponsetime goes by: how long an answer is expected to take, and how many requests are under way. */
function tellFigures({ name, responseMs, busy }: MemberSnapshot): string {
  const time = responseMs === undefined ? 'new' : `${Math.round(responseMs)} ms`;
  return `${name} ${time} ×${busy}`;
}

function tellAbsence({ name, retryInMs = 0 }: MemberSnapshot, why: Why): string {
  const time = `${(retryInMs / 1000).toFixed(1)} s`;
  const words: Readonly<Partial<Record<Why, string>>> = {
    'in-error': `in error ${time}`,
    ejected: `ejected ${time}`,
    'on-trial': 'being tried',
    'health-check-failed': 'fails checks',
  };
  return `${name} ${words[why] ?? why}`;
}

/** `app2 broke off, so app3 was asked` */
export function tellAttempts(attempts: readonly AttemptFacts[]): string {
  const last = attempts.at(-1);
  const failures = attempts.slice(0, -1).map((attempt) => {
    return attempt.reason === 'again' ? `again ${tellFailure(attempt)}` : tellFailure(attempt, attempt.name);
  });
  return [...failures, last === undefined ? '' : tellEnd(last)].join(', ');
}

function tellEnd(last: AttemptFacts): string {
  if (last.outcome !== 'answered') return `${tellFailure(last, last.name)}, and nobody is left`;
  return last.reason === 'again' ? 'and was asked again on a new connection' : `so ${last.name} was asked`;
}

function tellFailure({ outcome, status, code }: AttemptFacts, name = ''): string {
  const words: Readonly<Partial<Record<AttemptFacts['outcome'], string>>> = {
    discarded: `answered ${status ?? 'badly'}`,
    connect: code === 'ECONNREFUSED' ? 'refused' : `not reached, ${code ?? 'no connection'}`,
    reset: 'broke off',
  };
  return `${name} ${words[outcome] ?? code ?? outcome}`.trimStart();
}

/** Why a member's state has changed; undefined where another event tells it better. */
export function tellState({ member, to, cause }: BalancerEvents['state']): string | undefined {
  switch (cause) {
    case 'failed':
      return `${member} is in error: it does not answer`;
    case 'recovered':
      return `${member} is back: the request that tried it was answered; it starts slowly`;
    case 'forced-recovery':
      return `${member} is back: nobody else was left`;
    case 'checks-failed':
      return `${member} fails its health checks`;
    case 'checks-passed':
      return `${member} is back: it passes its health checks; it starts slowly`;
    case 'changed':
      return to.includes('N')
        ? `${member} drains: sessions stay, others go elsewhere`
        : `${member} serves everybody`;
    case 'ejected':
      return undefined;
    case 'elsewhere':
      return to.includes('E')
        ? `${member} is in error: another process has found it out`
        : `${member} is back: another process has tried it; it starts slowly`;
  }
}

/** `isAgain`: it was ejected before, and the request that tried it has failed. */
export function tellEjection({ member, timeMs }: BalancerEvents['ejection'], isAgain: boolean): string {
  const why = isAgain ? 'again: the request that tried it failed' : ': it answers, but badly';
  return `${member} is ejected${isAgain ? ' ' : ''}${why}; a request tries it in ${timeMs / 1000} s`;
}

export function tellMembers({ added, removed }: BalancerEvents['members']): string {
  return [
    ...removed.map((name) => `${name} is removed: nobody is sent there any more`),
    ...added.map((name) => `${name} is added; it starts slowly`),
  ].join('; ');
}
