import type { Fault } from '../../definition/problem.ts';
import type { Section } from './directive.ts';
import { findFolder, placePath } from './include.ts';
import { isKnownDirective } from './known-directives.ts';
import type { Reading } from './reading.ts';
import { fitsVersion } from './version.ts';

/** The answer to a section that only asks. `why` says it of the whole: `mod_ssl is not there`. */
export type Answer = Readonly<{ holds: boolean; why: string }>;

type Ask = (section: Section, reading: Reading) => Answer | Fault;

/** Sections that are left out, or stand for what is in them, by what they ask. */
const asks: Readonly<Record<string, Ask>> = {
  ifmodule: askOne((name, reading) => ({
    holds: reading.modules.has(name),
    yes: `${name} counts as there`,
    no: `no LoadModule names ${name}, its work is not done here, and the option modules does not name it`,
  })),
  ifdefine: askOne((name, reading) => ({
    holds: reading.defines.has(name),
    yes: `${name} is defined`,
    no: `${name} is not defined (Define, -D or the option defines)`,
  })),
  iffile: askOne((path, reading) => {
    const folder = findFolder(reading);
    if (!reading.reader || folder === undefined) {
      return {
        holds: false,
        yes: '',
        no: 'a text without a file looks at no files, unless the option serverRoot is given',
      };
    }
    const file = placePath(path, folder, reading);
    const holds = typeof file === 'string' && ['file', 'folder', 'other'].includes(reading.reader.look(file));
    return { holds, yes: `there is ${path}`, no: `there is no ${path}` };
  }),
  ifdirective: askOne((name) => ({
    holds: isKnownDirective(name),
    yes: `${name} is known here`,
    no: `${name} is not known here`,
  })),
  ifsection: askOne((name) => ({
    holds: isKnownDirective(`<${name}`),
    yes: `<${name}> is known here`,
    no: `<${name}> is not known here`,
  })),
  ifversion: ({ args }) => {
    const words = args.map(({ text }) => text);
    if (words.length === 0 || words.length > 2) {
      return { problem: '<IfVersion> takes an operator and a version', advice: 'write <IfVersion >= 2.4>' };
    }
    const holds = fitsVersion(words);
    if (typeof holds !== 'boolean') return holds;
    return { holds, why: `read as httpd 2.4, which ${holds ? 'fits' : 'does not fit'} ${words.join(' ')}` };
  },
};

/** Whether a section only asks; `key` is its name in lower case. */
export function isConditional(key: string): boolean {
  return Object.hasOwn(asks, key);
}

/** What a section that only asks is answered. */
export function answer(section: Section, reading: Reading): Answer | Fault {
  return asks[section.key]!(section, reading);
}

type Finding = Readonly<{ holds: boolean; yes: string; no: string }>;

function askOne(find: (name: string, reading: Reading) => Finding): Ask {
  return (section, reading) => {
    const { name, args } = section;
    const [first = '', second = ''] = args.map(({ text }) => text);
    const isNegated = first.startsWith('!');
    // httpd lets a blank stand behind the !, and looks at no word after the name.
    const asked = first === '!' ? second : first.slice(isNegated ? 1 : 0);
    if (asked === '') {
      return {
        problem: `<${name}> needs to know of what`,
        advice: `write <${name} NAME> or <${name} !NAME>`,
      };
    }
    if (args.length > (first === '!' ? 2 : 1)) {
      reading.ledger.remark(section, `only ${asked} is looked at, as in httpd`);
    }
    const { holds, yes, no } = find(asked, reading);
    return { holds: holds !== isNegated, why: holds ? yes : no };
  };
}
