import type { MemberSettings } from '../definition/settings.ts';

/** A member's own path as its definition has it, where `http://host` has none and `http://host/` has one. */
function pathAsWritten({ path, definition: { url = '' } }: MemberSettings): string {
  if (path !== '/') return path;
  const [, written] = /^(?:unix:[^|]*\|)?https?:\/\/[^/]*(.*)$/i.exec(url) ?? [];
  return written === undefined || written === '' ? '' : path;
}

/** What httpd calls the worker: its URL as written, but for the host's case and a default port. */
export function urlAsWritten(member: MemberSettings): string {
  return member.origin + pathAsWritten(member);
}

/** httpd's join: a member's own path and what is asked for below it, letter for letter, however many slashes that makes. */
export function joinAsWritten(member: MemberSettings, path: string): string {
  return pathAsWritten(member) + path;
}
