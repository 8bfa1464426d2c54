import type { MemberView } from '../member/member.ts';

/** Finds members by what they are called. */
export type Directory = Readonly<{
  /** By its name; or else by its URL, as the definition writes it or as views show it. */
  find(name: string): MemberView | undefined;
}>;

/** A directory of the members in a list, which is another one whenever any of them is. */
export function createDirectory(view: () => readonly MemberView[]): Directory {
  let listed: readonly MemberView[] | undefined;
  let names = new Map<string, MemberView>();

  return {
    find(name) {
      const list = view();
      if (list !== listed) {
        listed = list;
        names = new Map(list.map((member) => [member.settings.name, member]));
      }
      return (
        names.get(name) ??
        list.find(({ settings: { url, definition } }) => url === name || definition.url === name)
      );
    },
  };
}
