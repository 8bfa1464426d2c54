import type { CommandName } from './parse-call.ts';

const name = 'express-proxy-balancer';

/** What an option is called, and what it does, in lines. */
type Row = readonly [names: string, ...lines: string[]];

/** One below the other, with one column for what they do. */
function printRows(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([names]) => names.length)) + 2;
  return rows
    .flatMap(([names, first = '', ...more]) => [
      `  ${names.padEnd(width)}${first}`,
      ...more.map((line) => `  ${''.padEnd(width)}${line}`),
    ])
    .join('\n');
}

/** Options of every command that reads a configuration. */
const reading: readonly Row[] = [
  ['-D, --define NAME[=VALUE]', 'define a name, as httpd -D does; may be given several times'],
  ['    --compat httpd', "keep httpd's own joins, sessions and reverse maps; upgrades only", 'where written'],
  ['    --server-root DIR', 'where the paths of Include begin'],
  ['-h, --help', 'print this help'],
];

/** What is printed when the command is called without knowing what it does. */
export const generalHelp = `Runs, converts and checks configurations of Apache httpd and Helicon Ape.

Usage: ${name} <command> FILE [options]

Commands:
  serve FILE    run a configuration as it is: a server that proxies as it says
  convert FILE  print it as a TypeScript module for an Express app
  check FILE    tell what would become of each directive, or of a request

FILE is a path, or - for standard input, which includes no other files unless
--server-root says where they are.

Options:
  -h, --help     print this help, or that of a command
      --version  print the version

Exit status: 0 when all is well; 1 when check finds something dropped, or the
configuration is wrong or cannot be served; 2 when the call is wrong.

Examples:
  ${name} check httpd.conf
  ${name} check httpd.conf --url http://example.com/app --cookie 'ROUTEID=.app1'
  ${name} convert httpd.conf --output balancers.ts
  ${name} serve httpd.conf --listen 8080 --log
`;

const helps: Readonly<Record<CommandName, string>> = {
  serve: `Runs a configuration as it is: a plain HTTP server that proxies as it says.

Usage: ${name} serve FILE [options]

Options:
${printRows([
  [
    '    --listen [ADDRESS:]PORT',
    'where to listen; may be given several times',
    '(default: what Listen says, else 127.0.0.1:8080)',
  ],
  ['    --log', 'print a line for each request, and why it went where it went'],
  ...reading,
])}

Signals:
  SIGHUP           read FILE again, and listen where it says now; when it is wrong,
                   all stays as it was. Requests that are under way end by the old one.
                   Members start anew, as after a graceful restart of httpd: errors,
                   drains and what was changed in the manager are forgotten
  SIGTERM, SIGINT  stop listening, and end when the last request has ended, after
                   30 seconds at most; a second one ends at once

A manager (SetHandler balancer-manager) is open to whom its own section lets in, and
without such a section to this machine only.
`,
  convert: `Prints a configuration as a TypeScript module for an Express app.

Usage: ${name} convert FILE [options]

Options:
${printRows([['-o, --output FILE', 'write the module there instead of to standard output'], ...reading])}

The module compiles under "strict" and is formatted as by prettier. What was dropped
or is different stands in its head, and is told on standard error.
`,
  check: `Tells what becomes of each directive: taken, taken with a difference, or dropped.
Exits with 1 when something was dropped.

Usage: ${name} check FILE [options]

Options:
${printRows([
  [
    '    --url URL',
    'tell too which mount and which member a request for URL',
    'would get, and why; nothing is sent',
  ],
  ["    --cookie 'NAME=VALUE'", 'a cookie of that request; may be given several times'],
  ["    --header 'NAME: VALUE'", 'a header field of it; may be given several times'],
  ['    --method METHOD', 'its method (default: GET)'],
  ['    --json', 'print JSON'],
  ['    --quiet', 'only what is different or dropped'],
  ...reading,
])}
`,
};

/** The help of one command. */
export function helpOf(command: CommandName): string {
  return helps[command];
}
