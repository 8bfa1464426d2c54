import { describeWithHttpd } from './httpd.ts';
import { describeSame, withCookie, type Places, type Row } from './side-by-side.ts';

const sticky = 'stickysession=SID';

/** `members`: backend and parameters of each, `a route=a status=+D, b route=b`. */
const write =
  (members: string, parameters = sticky) =>
  (places: Places): string => `
    <Proxy balancer://m>
      ${members
        .split(', ')
        .map((member) => member.replace(/^\w+/, (place) => `BalancerMember ${places[place as 'a']}`))
        .join('\n      ')}
    </Proxy>
    ProxyPass /p balancer://m ${parameters}
  `;

type Case = readonly [
  name: string,
  members: string,
  /** Who answers as many requests with the cookie `SID=1.a`, and then without; a number is a status. */
  withIt: string,
  without: string,
  parameters?: string,
];

function describeCases(cases: readonly Case[]): void {
  for (const [name, members, withIt, without, parameters] of cases) {
    describeSame(name, write(members, withIt === '' ? '' : parameters), writeRows(withIt, without));
  }
}

function writeRows(withIt: string, without: string): Row[] {
  return [
    ...readLines(withIt).map((line) => [withCookie('SID=1.a'), line] as const),
    ...readLines(without).map((line) => ['/p', line] as const),
  ];
}

function readLines(members: string): string[] {
  const lines = members.split(' ').filter(Boolean);
  return lines.map((member) => (/^\d/.test(member) ? member : `200 ${member} /`));
}

// The ids are those of the reference's sections 15.3, 15.4 and 15.5.
describeWithHttpd('the member is chosen as by httpd', () => {
  describeCases([
    ['R1', 'a route=a status=+D redirect=b, b route=b, c route=c', 'b b', 'c c b', `${sticky} nofailover=On`],
    ['R2', 'a route=a status=+N, b route=b', 'a a', 'b b b'],
    ['R3', 'a route=a status=+H, b route=b', 'a a', 'b b b'],
    ['R4', 'a route=a lbset=1, b route=b', 'a a', 'b b b'],
    ['R5', 'a route=a status=+R, b route=b', 'a a', 'b b b'],
    ['R6', 'a route=a status=+D, b route=a status=+H, c route=c', 'b b', 'c c c', `${sticky} nofailover=On`],
    ['R7', 'a route=a status=+D, b route=b', 'b b', 'b b b'],
    ['R8', 'a route=a status=+D, b route=b', '503 503', 'b b b', `${sticky} nofailover=On`],
    ['R9', 'dead route=a, b route=b', '503 503 503', 'b b', `${sticky} nofailover=On`],
    ['R10', 'dead route=x, b route=b', 'b b', 'b', `${sticky} nofailover=On`],
    ['R11', 'dead route=a, b route=b', 'b b', 'b'],
    ['a stopped member', 'a route=a status=+S, b route=b', 'b b', 'b'],
    ['factors', 'a route=a loadfactor=70, b route=b loadfactor=30', 'a a', 'b a a b a a b a a b'],
  ]);

  describeSame('R12: a redirect needs a route', write('a redirect=c, b route=b, c route=c'), [
    ...[1, 2, 3, 4].map((): Row => [withCookie('SID=1.a')]),
    ...[1, 2, 3, 4].map((): Row => ['/p']),
  ]);

  describeCases([
    ['Q1', 'a, b, c', '', 'a b c a b c a b c'],
    ['Q2', 'a, b loadfactor=2, c', '', 'b a c b b a c b b a c b'],
    ['Q6', 'a, b loadfactor=2, c loadfactor=3', '', 'c b a c b c c b a c b c'],
    ['Q7', 'a loadfactor=1.5, b', '', 'a b a b a a b a b a'],
    ['Q15', 'a, b, c status=+H', '', 'a b a b a b'],
    ['Q18', 'a, b status=+D, c status=+R', '', 'a c a c'],
    ['Q21', 'a, b lbset=1, c lbset=1', '', 'a a a a'],
    ['Q22', 'a status=+D, b lbset=1, c lbset=1', '', 'b c b c'],
    ['Q27', 'a status=+D, b status=+D', '', '503'],
    ['E1', 'dead, b', '', 'b b b'],
    ['E6', 'dead', '', '503 503'],
  ]);
});
