import { isFull } from '../../choice/eligible.ts';
import { isServing } from '../../member/member-state.ts';
import type { MemberView } from '../../member/member.ts';
import { Status } from '../../member/status.ts';
import { rampOf } from '../../member/weight.ts';
import type { StateWord } from './report.ts';

/** How a member is at `now`, of its balancer's clock, in all words that apply, worst first. */
export function listStates(member: MemberView, now: number): readonly StateWord[] {
  const { status, ejectedMs } = member.state;
  const has = (flag: number): boolean => (status & flag) !== 0;
  const states: readonly (readonly [StateWord, boolean])[] = [
    ['stopped', has(Status.stopped)],
    ['disabled', has(Status.disabled)],
    ['health-check-failed', has(Status.healthCheckFailed)],
    ['in-error', has(Status.inError)],
    ['ejected', ejectedMs !== undefined],
    ['draining', has(Status.drain)],
    ['full', isFull(member)],
    ['hot-standby', has(Status.hotStandby)],
    ['hot-spare', has(Status.hotSpare)],
    ['ignore-errors', has(Status.ignoreErrors)],
    ['slow-start', isServing(member.state) && rampOf(member, now) < 1],
  ];
  const words = states.filter(([, applies]) => applies).map(([word]) => word);
  return words.length === 0 ? ['ok'] : words;
}
