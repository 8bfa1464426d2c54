import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Ask } from './backends.ts';
import { describeWithHttpd } from './httpd.ts';
import { startPair, toHost, redirectedTo, type Pair, type PairOptions, type Places } from './side-by-side.ts';

/** What both say to a request; that they differ is known, and why. */
type Difference = readonly [asked: string | Ask, httpd: string, ours: string];

function describeDifferent(
  why: string,
  write: (places: Places) => string,
  differences: readonly Difference[],
  options: PairOptions = {},
): void {
  describe(why, () => {
    let pair: Pair | undefined;
    beforeAll(async () => {
      pair = await startPair(write, options);
    });
    afterAll(async () => {
      await pair?.stop();
    });
    test.each(
      differences.map(([asked, httpd, ours]) => [JSON.stringify(asked), asked, httpd, ours] as const),
    )('%s', async (_asked, asked, httpd, ours) => {
      const told = await pair!.ask(asked);
      expect({ httpd: told.httpd.line, ours: told.ours.line }).toEqual({ httpd, ours });
    });
  });
}

const failing: Ask = { target: '/p', order: { status: 500 } };

describeWithHttpd('known differences', () => {
  describeDifferent(
    'paths are sent on as the client has written them: what was signed or stored as an id stays that',
    ({ a }) => `ProxyPass /q ${a}/q\nProxyPassMatch ^/m7/(.*)$ ${a}/r/$1`,
    [
      ['/q/a%3Bb', '200 a /q/a;b', '200 a /q/a%3Bb'],
      ['/q/a%2Bb', '200 a /q/a+b', '200 a /q/a%2Bb'],
      ['/q/a%26b%3Dc', '200 a /q/a&b=c', '200 a /q/a%26b%3Dc'],
      ['/q/a|b', '200 a /q/a%7Cb', '200 a /q/a|b'],
      ['/q/a{b}', '200 a /q/a%7Bb%7D', '200 a /q/a{b}'],
      ['/q/a%2Fb', '404', '200 a /q/a%2Fb'],
      ['/m7/%61%20?%61', '200 a /r/a%20?%61', '200 a /r/%61%20?%61'],
    ],
  );

  describeDifferent(
    'a request target of other bytes than RFC 3986 has is refused, not guessed at',
    ({ a }) => `ProxyPass /q ${a}/q`,
    [['/q/\u00c3\u00a9', '200 a /q/%C3%A9', '400']],
  );

  describeDifferent(
    'a dot segment with a parameter is refused: some servers take it for a dot segment',
    ({ a }) => `ProxyPass /q ${a}/q`,
    [['/q/%2e%2e;x/y', '200 a /q/..;x/y', '400']],
  );

  describeDifferent(
    'a route in a path is found decoded, and sent on as it came',
    ({ a, b }) => `
      <Proxy balancer://m>
        BalancerMember ${a} route=a
        BalancerMember ${b} route=b
      </Proxy>
      ProxyPass /p balancer://m stickysession=SID
    `,
    [['/p/p;SID=q%2Eb', '200 b /p;SID=q.b', '200 b /p;SID=q%2Eb']],
  );

  describeDifferent(
    'the app says where it listens: ports of virtual hosts only tell hosts of one name apart',
    ({ a, port }) => `
      <VirtualHost *>
        ServerName v.example
        ProxyPass / ${a}/star/
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName w.example
        ProxyPass / ${a}/port/
      </VirtualHost>
    `,
    [[toHost('v.example'), '200 a /port/x', '200 a /star/x']],
  );

  describeDifferent(
    'the app says where it listens: addresses of virtual hosts count for nothing',
    ({ a, port }) => `
      <VirtualHost *:${port}>
        ServerName v.example
        ProxyPass / ${a}/star/
      </VirtualHost>
      <VirtualHost 127.0.0.1:${port}>
        ServerName w.example
        ProxyPass / ${a}/address/
      </VirtualHost>
    `,
    [[toHost('v.example'), '200 a /address/x', '200 a /star/x']],
  );

  describeDifferent(
    'one request asks no member twice, also when all others are in error: it is no candidate then, and has no part in what the chosen one pays (byrequests)',
    ({ a, b, dead }) => `
      <Proxy balancer://m>
        BalancerMember ${a} retry=600
        BalancerMember ${b} retry=600
        BalancerMember ${dead} retry=600
        ProxySet maxattempts=1 failonstatus=500
      </Proxy>
      ProxyPass /p balancer://m
    `,
    [
      [failing, '500 a /', '500 a /'],
      [failing, '500 b /', '500 b /'],
      ['/p', '503', '200 b /'],
    ],
  );

  describeDifferent(
    'members of another balancer than the one that answers are known by their URLs, which have no case, as all URLs in rules',
    ({ a }) => `
      <Proxy balancer://c>
        BalancerMember ${a}/foo
      </Proxy>
      ProxyPass /p ${a}
      ProxyPassReverse /bash balancer://c/bar
    `,
    [[redirectedTo('{a}/foo/BAR/x'), '302 a / -> {a}/foo/BAR/x', '302 a / -> http://front.example/bash/x']],
  );

  describeDifferent(
    'the host of a redirect is written as the client has written it',
    ({ a }) => `ProxyPass /p ${a}\nProxyPassReverse /p ${a}`,
    [
      [
        redirectedTo('{a}/x', '/p', 'FRONT.example'),
        '302 a / -> http://front.example/p/x',
        '302 a / -> http://FRONT.example/p/x',
      ],
    ],
  );

  describeDifferent(
    'ProxyPassInherit Off does what its documentation says',
    ({ a, b, port }) => `
      ProxyPass /x ${a}/main
      <VirtualHost *:${port}>
        ServerName v.example
        ProxyPassInherit Off
        ProxyPass /x ${b}/vhost
      </VirtualHost>
    `,
    [[toHost('v.example'), '200 a /main', '200 b /vhost']],
  );
});
