/** A prefix and what is put for it. */
export type Prefix = Readonly<{ at: string; to: string }>;

/** Text of a pattern that stands for itself, slashes at both ends aside. */
const literal = String.raw`(?:[\w~%!@&=:,;'/-]|\\[./~-])*?`;

const forms: readonly Readonly<{ form: RegExp; group: string; make(text: string, to: string): Prefix }>[] = [
  // ^/app/(.*)$ and balancer://c/sub/$1
  {
    form: new RegExp(String.raw`^\^(/${literal})\(\.\*\)\$?$`),
    group: '/$1',
    make: (text, to) => ({ at: text, to: `${to}/` }),
  },
  // ^/app(/.*)$ and balancer://c/sub$1
  {
    form: new RegExp(String.raw`^\^(/${literal}|)\(/\.\*\)\$?$`),
    group: '$1',
    make: (text, to) => ({ at: `${text}/`, to: `${to}/` }),
  },
  // ^/app(/.*)?$ and balancer://c/sub$1
  {
    form: new RegExp(String.raw`^\^(/${literal})\(/\.\*\)\?\$$`),
    group: '$1',
    make: (text, to) => ({ at: text, to }),
  },
  // ^(.*)$ and balancer://c$1
  { form: /^\^()\(\.\*\)\$?$/, group: '$1', make: (_, to) => ({ at: '/', to: `${to}/` }) },
  // ^/app/ and balancer://c/sub: the whole path is appended
  {
    form: new RegExp(String.raw`^\^(/${literal}/|/)$`),
    group: '',
    make: (text, to) => ({ at: text, to: `${to}${text}` }),
  },
];

/** The prefix that a pattern and its target come to, if they come to one exactly. */
export function simplifyPattern(pattern: string, to: string): Prefix | undefined {
  for (const { form, group, make } of forms) {
    const text = form.exec(pattern)?.[1]?.replace(/\\(.)/g, '$1');
    if (text === undefined || !to.endsWith(group)) continue;
    const rest = to.slice(0, to.length - group.length);
    // A slash at its end would make two, as it does in httpd.
    if (/[$%?\\]/.test(rest) || rest.endsWith('/') || text.includes('//')) continue;
    const prefix = make(text, rest);
    const isWhole = prefix.at.endsWith('/') === prefix.to.endsWith('/');
    if (isWhole) return prefix;
  }
  return undefined;
}
