import type { DnsError, Question } from './dns-answer.ts';

/** What a failure of DNS means, and what to check. */
export function describeFailure(
  { code, message }: DnsError,
  { resolve }: Question,
  resolver: readonly string[],
): string {
  const { problem, advice } = explain(code, resolve, resolver);
  return `${problem} (${message}); ${advice}`;
}

function explain(
  code: string,
  resolve: Question['resolve'],
  resolver: readonly string[],
): Readonly<{ problem: string; advice: string }> {
  const asked = resolver.length > 0 ? resolver.join(', ') : "the system's DNS servers";
  switch (code) {
    case 'ENOTFOUND':
      return {
        problem: 'DNS knows no such name',
        advice:
          'check that it is whole, since search domains are not tried, and that a server is up behind it',
      };
    case 'ENODATA':
      return resolve === 'SRV'
        ? {
            problem: 'DNS knows the name, but no SRV record that leads to a server',
            advice: "check the records, and whether resolve: 'A' is meant",
          }
        : {
            problem: 'DNS knows the name, but no address of it',
            advice: "check that a server is up behind it, and whether resolve: 'SRV' is meant",
          };
    case 'ETIMEOUT':
    case 'ECONNREFUSED':
      return {
        problem: 'DNS does not answer',
        advice: `check that ${asked} can be reached, or set resolver`,
      };
    case 'EBADNAME':
      return { problem: 'DNS cannot be asked for such a name', advice: 'check the host in url' };
    default:
      return { problem: 'DNS fails', advice: `check what ${asked} answer for this name` };
  }
}
