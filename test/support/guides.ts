/** Ports of the servers behind a guide's balancers, and what else its reader fills in. */
export type Filled<Backend extends string> = Readonly<Record<Backend, number>> &
  Readonly<{
    /** Of the virtual host. Default: 80. */
    port?: number;
    /** The address that may see the manager. Default: this machine's. */
    operator?: string;
  }>;

/** Helicon Ape: static files and an application, each with a balancer; sessions are bound by the end of the application's own cookie. */
export function writeApeGuide(
  { static1, static2, app1, app2, port = 80 }: Filled<'static1' | 'static2' | 'app1' | 'app2'>,
  routeregex = 'routeregex=!(.*)$',
): string {
  return `
# Static files come from two servers that keep them below /media/.
<VirtualHost *:${port}>
    ServerName www.site.example

    <Proxy balancer://static-balancer/>
        BalancerMember http://127.0.0.1:${static1}/media/
        BalancerMember http://127.0.0.1:${static2}/media/
    </Proxy>
    ProxyPass /static/ balancer://static-balancer/
    ProxyPassReverse /static/ http://127.0.0.1:${static1}/media/
    ProxyPassReverse /static/ http://127.0.0.1:${static2}/media/
    ProxyPassReverseCookieDomain static1.site.example www.site.example
    ProxyPassReverseCookieDomain static2.site.example www.site.example

    # The application writes sessionid=[session data]![backend id].
    <Proxy balancer://app-balancer/>
        BalancerMember http://127.0.0.1:${app1}/ route=app1
        BalancerMember http://127.0.0.1:${app2}/ route=app2
    </Proxy>
    ProxyPass / balancer://app-balancer/ stickysession=sessionid ${routeregex}
    ProxyPassReverse / http://127.0.0.1:${app1}/
    ProxyPassReverse / http://127.0.0.1:${app2}/
    ProxyPassReverseCookieDomain app1.site.example www.site.example
    ProxyPassReverseCookieDomain app2.site.example www.site.example
</VirtualHost>
`;
}

/** Apache 2.4: everything goes to a cluster whose servers set `BALANCEID=balancer.http1` themselves. */
export function writeApache24Guide({ http1, http2 }: Filled<'http1' | 'http2'>): string {
  return `
<IfModule mod_proxy_balancer.c>
    <Proxy balancer://mycluster>
        BalancerMember http://127.0.0.1:${http1} route=http1
        BalancerMember http://127.0.0.1:${http2} route=http2
        ProxySet stickysession=BALANCEID
    </Proxy>

    ProxyPassMatch ^(/.*)$ balancer://mycluster$1
    ProxyPassReverse / http://127.0.0.1:${http1}/
    ProxyPassReverse / http://127.0.0.1:${http2}/
    ProxyPassReverseCookieDomain inside.example www.site.example
</IfModule>
`;
}

/** Apache 2.2: as above, with the manager, and sessions that end with their server. */
export function writeApache22Guide({
  http1,
  http2,
  operator = '127.0.0.1',
}: Filled<'http1' | 'http2'>): string {
  return `
ProxyRequests Off

<Proxy *>
    Order deny,allow
    Allow from all
</Proxy>

ProxyPass /balancer-manager !
ProxyPass / balancer://mycluster/ stickysession=BALANCEID nofailover=On lbmethod=byrequests
ProxyPassReverse / http://127.0.0.1:${http1}/
ProxyPassReverse / http://127.0.0.1:${http2}/

<Proxy balancer://mycluster>
    BalancerMember http://127.0.0.1:${http1} route=http1
    BalancerMember http://127.0.0.1:${http2} route=http2
</Proxy>

<Location /balancer-manager>
    SetHandler balancer-manager

    Order Deny,Allow
    Deny from all
    Allow from ${operator}
</Location>
`;
}

/** The manual: the proxy itself sets the cookie, to servers that know nothing of routes. */
export function writeRouteIdGuide({ one, two }: Filled<'one' | 'two'>): string {
  return `
Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED

<Proxy "balancer://mycluster">
    BalancerMember "http://127.0.0.1:${one}" route=1
    BalancerMember "http://127.0.0.1:${two}" route=2
    ProxySet stickysession=ROUTEID
</Proxy>

ProxyPass        "/test" "balancer://mycluster"
ProxyPassReverse "/test" "balancer://mycluster"
`;
}
