import type { Deed } from '../../changes/change.ts';

/** What was done, by the code that the address of the page tells it with: nobody else's words get onto the page. */
const messages: Readonly<Record<Deed['kind'] | 'undo', string>> = {
  change: 'The member is changed.',
  drain: 'The member is drained: its sessions stay, new ones go elsewhere.',
  add: 'The member is added.',
  remove: 'The member is removed: what it serves goes on.',
  configure: 'The settings are changed.',
  undo: 'The change is undone.',
};

/** Something that a form can have done. */
export type Done = keyof typeof messages;

/** Whether a text is the code of something done. */
export function isDone(code: unknown): code is Done {
  return typeof code === 'string' && Object.hasOwn(messages, code);
}

/** What was done, in words. */
export function tellDone(done: Done): string {
  return messages[done];
}
