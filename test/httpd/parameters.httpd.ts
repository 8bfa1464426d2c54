import { describeWithHttpd } from './httpd.ts';
import { describeSame, toHost, type Row } from './side-by-side.ts';

describeWithHttpd('balancers are put together as by httpd', () => {
  describeSame(
    'parameters of a balancer: the last one in the file',
    ({ a, b }) => `
      ProxyPass /app balancer://first stickysession=PASS
      <Proxy balancer://first>
        BalancerMember ${a} route=a
        BalancerMember ${b} route=b
        ProxySet stickysession=SET
      </Proxy>
      <Proxy balancer://second>
        BalancerMember ${a} route=a
        BalancerMember ${b} route=b
        ProxySet stickysession=SET
      </Proxy>
      ProxyPass /bpp balancer://second stickysession=PASS
      <Proxy balancer://third stickysession=TAG>
        BalancerMember ${a} route=a
        BalancerMember ${b} route=b
      </Proxy>
      ProxyPass /cpp balancer://third
      <Proxy balancer://Fourth>
        BalancerMember ${a} route=a
      </Proxy>
      BalancerMember balancer://fourth ${b} route=b
      ProxyPass /dpp balancer://FOURTH stickysession=ONE
      ProxyPass /epp balancer://fourth stickysession=TWO
    `,
    [
      ...bound('/app', 'SET'),
      ...balanced('/app', 'PASS'),
      ...bound('/bpp', 'PASS'),
      ...balanced('/bpp', 'SET'),
      ...bound('/cpp', 'TAG'),
      ...bound('/dpp', 'TWO'),
      ...balanced('/dpp', 'ONE'),
      ...bound('/epp', 'TWO'),
    ],
  );

  describeSame(
    'balancers belong to their server',
    ({ a, b, port }) => `
      <Proxy balancer://c>
        BalancerMember ${a}
      </Proxy>
      <VirtualHost *:${port}>
        ServerName v.example
        ProxyPass /x balancer://c
      </VirtualHost>
      <VirtualHost *:${port}>
        ServerName w.example
        <Proxy balancer://d>
          BalancerMember ${b}
        </Proxy>
        ProxyPass /x balancer://d
      </VirtualHost>
    `,
    [
      [toHost('v.example'), '200 a /'],
      [toHost('w.example'), '200 b /'],
    ],
  );
});

function bound(target: string, cookie: string): Row[] {
  return Array.from(
    { length: 3 },
    () => [{ target, headers: { Cookie: `${cookie}=x.b` } }, '200 b /'] as const,
  );
}

function balanced(target: string, cookie: string): Row[] {
  return Array.from({ length: 3 }, () => [{ target, headers: { Cookie: `${cookie}=x.b` } }] as const);
}
