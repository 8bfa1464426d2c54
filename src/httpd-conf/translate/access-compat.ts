import type { AccessRule } from '../httpd-conf.ts';
import type { Ledger } from '../ledger.ts';
import type { Argument, Directive } from '../syntax/directive.ts';
import { readAddress } from './access-address.ts';
import { everybody, type AddressSet } from './access-set.ts';

/** Reads Order, Allow and Deny of one section. */
export function readOrder(directives: readonly Directive[], ledger: Ledger): AccessRule {
  let order: AccessRule['order'] = 'deny,allow';
  const allow: string[] = [];
  const deny: string[] = [];
  for (const directive of directives) {
    if (directive.key === 'order') order = readOrderWord(directive, ledger) ?? order;
    else if (directive.key === 'allow') {
      for (const address of readFrom(directive, ledger, 'lets in')) if (address) allow.push(address);
    } else {
      // Whom we cannot know to be meant may be anybody.
      for (const address of readFrom(directive, ledger, 'keeps out')) deny.push(address ?? 'all');
    }
  }
  return { order, allow, deny };
}

/** Whom such a rule lets in, as a set; undefined: it cannot be written as one. */
export function toSet({ order, allow, deny }: AccessRule): AddressSet | undefined {
  if (order === 'allow,deny') return { allow, deny };
  if (deny.length === 0 || allow.includes('all')) return everybody;
  if (deny.includes('all')) return { allow, deny: [] };
  return allow.length === 0 ? { allow: ['all'], deny } : undefined;
}

function readOrderWord(directive: Directive, ledger: Ledger): AccessRule['order'] | undefined {
  const [arg, ...others] = directive.args;
  const word = others.length > 0 ? undefined : arg?.text.toLowerCase();
  if (word === 'deny,allow') {
    ledger.take(directive, 'everybody comes in but those whom Deny names and Allow does not');
    return word;
  }
  if (word === 'allow,deny' || word === 'mutual-failure') {
    ledger.take(directive, 'nobody comes in but those whom Allow names and Deny does not');
    return 'allow,deny';
  }
  const advice = 'write Order deny,allow or Order allow,deny, without a space';
  ledger.fail(arg ?? directive.head, 'it is no order', advice);
  return undefined;
}

/** Undefined for each that cannot be known. */
function readFrom(directive: Directive, ledger: Ledger, verb: string): readonly (string | undefined)[] {
  const [from, ...args] = directive.args;
  if (from?.text.toLowerCase() !== 'from' || args.length === 0) {
    const advice = `write ${directive.name} from all, or ${directive.name} from and addresses`;
    ledger.fail(from ?? directive.head, 'it says not whom', advice);
    return [];
  }
  return args.flatMap((arg) => {
    const address = readWhom(directive, arg, ledger, verb);
    return address === 'wrong' ? [] : [address];
  });
}

function readWhom(directive: Directive, arg: Argument, ledger: Ledger, verb: string): string | undefined {
  const word = arg.text.toLowerCase();
  if (word === 'all') {
    ledger.take(directive, `${verb} everybody`);
    return 'all';
  }
  if (word === 'localhost') {
    ledger.differ(directive, `${verb} 127.0.0.0/8 and ::1, without looking up what they are called`);
    return 'local';
  }
  const reading = word.startsWith('env=')
    ? ({ kind: 'unknown', why: 'variables of the environment are not known here' } as const)
    : readAddress(arg, true, ledger);
  switch (reading.kind) {
    case 'address':
      ledger.take(directive, `${verb} ${reading.text}`);
      return reading.text;
    case 'wrong':
      return 'wrong';
    case 'unknown': {
      const whom = verb === 'lets in' ? 'nobody is let in by it' : 'everybody is kept out by it';
      ledger.drop(directive, `${reading.why}, or decide in a middleware of the app in front; ${whom}`);
      return undefined;
    }
  }
}
