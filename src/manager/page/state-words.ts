import type { StateWord } from '../survey/report.ts';

/** How good or bad something is; the style sheet gives each a sign of its own besides a colour. */
export type Kind = 'ok' | 'info' | 'warn' | 'bad' | 'off' | 'none';

const words: Readonly<Record<StateWord, readonly [word: string, kind: Kind]>> = {
  stopped: ['Stopped', 'off'],
  disabled: ['Disabled', 'off'],
  'health-check-failed': ['Checks fail', 'bad'],
  'in-error': ['In error', 'bad'],
  ejected: ['Ejected', 'bad'],
  draining: ['Draining', 'warn'],
  full: ['Full', 'warn'],
  'hot-standby': ['Hot standby', 'info'],
  'hot-spare': ['Hot spare', 'info'],
  'ignore-errors': ['Errors ignored', 'info'],
  'slow-start': ['Slow start', 'warn'],
  ok: ['OK', 'ok'],
};

/** The states of a member in words, and the kind of the worst, which stands first. */
export function tellStates(states: readonly StateWord[]): Readonly<{ text: string; kind: Kind }> {
  const told = states.map((state) => words[state]);
  // Only the first one begins a sentence.
  const text = told.map(([word], i) => (i === 0 ? word : word.toLowerCase())).join(', ');
  return { text, kind: told[0]?.[1] ?? 'none' };
}

/** Whether a member serves whoever comes, as far as its state goes. */
export function isServing(states: readonly StateWord[]): boolean {
  const { kind } = tellStates(states);
  return kind === 'ok' || kind === 'info' || states[0] === 'slow-start' || states[0] === 'full';
}
