import type { Answer } from './load.ts';

export function ofMember(answers: readonly Answer[], member: string): readonly Answer[] {
  return answers.filter((answer) => answer.member === member);
}

/** Those with nothing wrong about them. */
export function answered(answers: readonly Answer[]): readonly Answer[] {
  return answers.filter(({ fault }) => fault === undefined);
}

/** Those who may be sent anywhere. */
export function unbound(answers: readonly Answer[]): readonly Answer[] {
  return answers.filter(({ bound }) => !bound);
}

/** From 0 to 1. */
export function shareOf(answers: readonly Answer[], member: string): number {
  return answers.length === 0 ? 0 : ofMember(answers, member).length / answers.length;
}

/** Of the member that has least. */
export function leastShare(answers: readonly Answer[], members: readonly string[]): number {
  return Math.min(...members.map((member) => shareOf(answers, member)));
}

/** Those that took more than one attempt. */
export function countFailovers(answers: readonly Answer[]): number {
  return answers.filter(({ attempts }) => attempts > 1).length;
}

/** In milliseconds; undefined of nothing. */
export function medianOf(answers: readonly Answer[]): number | undefined {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** `app1 24 %, app2 76 %` */
export function writeShares(answers: readonly Answer[], members: readonly string[]): string {
  return members.map((member) => `${member} ${writePercent(shareOf(answers, member))}`).join(', ');
}

export function writePercent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

export function writeMs(ms: number | undefined): string {
  return ms === undefined ? '–' : `${Math.round(ms)} ms`;
}
