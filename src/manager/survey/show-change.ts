import type { Change, Deed } from '../../changes/change.ts';

/** What stands for what must not be shown. */
const masked = '…';

/** A change as it is shown: of the fields that health checks send, the names. */
export function showChange(change: Change): Change {
  const deed = showDeed(change.deed);
  return deed === change.deed ? change : { ...change, deed };
}

function showDeed(deed: Deed): Deed {
  switch (deed.kind) {
    case 'change':
      return deed.set.hcheaders
        ? { ...deed, set: { ...deed.set, hcheaders: mask(deed.set.hcheaders) } }
        : deed;
    case 'add': {
      const { member } = deed;
      if (member.handler !== undefined || !member.hcheaders) return deed;
      return { ...deed, member: { ...member, hcheaders: mask(member.hcheaders) } };
    }
    case 'drain':
    case 'remove':
    case 'configure':
      return deed;
  }
}

function mask(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, masked]));
}
