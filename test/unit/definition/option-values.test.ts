import { describe, expect, test } from '@jest/globals';
import { describe as describeValue } from '../../../src/definition/describe.ts';
import { linesFor, sticky } from './support.ts';

describe('an option with a wrong value', () => {
  test.each<[Readonly<Record<string, unknown>>, string]>([
    [
      { name: '' },
      "name is '': it must be a name, and is empty; leave it out, or write a name such as 'app-balancer'",
    ],
    [{ name: 'balancer://app/' }, "name is 'balancer://app/': a name has no scheme; write 'app'"],
    [
      { name: 'a\nb' },
      "name is 'a\\nb': it has a control character in it; write a name such as 'app-balancer'",
    ],
    [{ name: 5 }, "name is 5: it must be a name; write a name such as 'app-balancer'"],
    [{ members: [] }, "members is []: a balancer needs a member; write ['http://host:3000']"],
    [{ members: 'http://a' }, "members is 'http://a': it must be a list; write ['http://a']"],
    [
      { members: {} },
      "members is an object: it must be a list of URLs or of { url, … }; write ['http://host:3000']",
    ],
    [{ memberDefaults: 5 }, 'memberDefaults is 5: it must be a record of options; write { retry: 10, … }'],
    [
      { stickysession: '' },
      "stickysession is '': it is empty; leave it out, or write 'cookie' or 'cookie|parameter'",
    ],
    [
      { stickysession: 'a|b|c' },
      "stickysession is 'a|b|c': it has more than two names; write 'cookie' or 'cookie|parameter'",
    ],
    [
      { stickysession: true },
      "stickysession is true: it must be a cookie's name; write 'cookie' or 'cookie|parameter'",
    ],
    [
      { stickysession: 'a b' },
      "stickysession is 'a b': it must be a cookie's name: letters, digits and !#$%&'*+-.^_`|~; write 'cookie' or 'cookie|parameter'",
    ],
    [
      { stickysession: 'a|b=c' },
      "stickysession is 'a|b=c': no parameter can have that name; write 'cookie' or 'cookie|parameter'",
    ],
    [
      { stickysession: 'a|' },
      "stickysession is 'a|': no parameter can have that name; write 'cookie' or 'cookie|parameter'",
    ],
    [
      { ...sticky, stickysessionsep: '' },
      "stickysessionsep is '': it must be a separator of one or more letters; write one such as '.', or 'Off' where the whole value is the route",
    ],
    [
      { ...sticky, stickysessionsep: 'off' },
      "stickysessionsep is 'off': there is no such separator; write 'Off'",
    ],
    [{ ...sticky, separatorMatch: 'LAST' }, "separatorMatch is 'LAST': there is no such value; write 'last'"],
    [
      { ...sticky, routeregex: 5 },
      "routeregex is 5: it must be a pattern; write a RegExp such as /!(.*)$/, or its source '!(.*)$'",
    ],
    [
      { ...sticky, routeregex: '(' },
      "routeregex is '(': it is no regular expression; write a RegExp, or its source such as '!(.*)$'",
    ],
    [
      { ...sticky, routeregex: '/!(.*)$/' },
      "routeregex is '/!(.*)$/': a text is what stands between the slashes; write '!(.*)$'",
    ],
    [
      { ...sticky, routeregex: '/!(.*)$/i' },
      "routeregex is '/!(.*)$/i': a text is what stands between the slashes; write the RegExp itself, without the quotes",
    ],
    [
      { ...sticky, routeregex: '' },
      "routeregex is '': it is empty, and would match everything; leave it out",
    ],
    [
      { ...sticky, routeregex: /!(.*)$/giy },
      'routeregex is /!(.*)$/giy: with the flag g or y a pattern remembers where it matched last, so every other request would miss; write /!(.*)$/i',
    ],
    [{ ...sticky, scolonpathdelim: 'On' }, "scolonpathdelim is 'On': it must be true or false; write true"],
    [{ ...sticky, nofailover: 'off' }, "nofailover is 'off': it must be true or false; write false"],
    [{ failontimeout: 1 }, 'failontimeout is 1: it must be true or false; write true'],
    [{ forcerecovery: null }, 'forcerecovery is null: it must be true or false; write true or false'],
    [
      { maxattempts: -1 },
      'maxattempts is -1: it must be a number of further members; write a whole number from 0 up',
    ],
    [{ maxattempts: '3' }, "maxattempts is '3': it must be a number of further members; write 3"],
    [
      { timeout: 30_000 },
      "timeout is 30000: 30000 seconds would be 8 h 20 min; write 30 for seconds or '30000ms'; if it is meant, '30000s'",
    ],
    [{ deadline: 0 }, 'deadline is 0: it is no time at all; leave it out for no deadline'],
    [{ proxytimeout: '5' }, "proxytimeout is '5': its unit is missing; write 5 or '5s'"],
    [{ failonstatus: '500,503' }, "failonstatus is '500,503': statuses are numbers; write [500, 503]"],
    [{ failonstatus: '503' }, "failonstatus is '503': statuses are numbers; write [503]"],
    [{ failonstatus: 600 }, 'failonstatus is 600: it must be a status; write a whole number from 100 to 599'],
    [{ failonstatus: [500, '503'] }, "failonstatus[1] is '503': it must be a status; write 503"],
    [{ failonstatus: true }, 'failonstatus is true: it must be a list; write 500 or [500, 503]'],
    ...['error timeout', 'error', 'conn-failure,empty-response', ['error', 'timeout'], true].map(
      (value): [Readonly<Record<string, unknown>>, string] => [
        { failoverOn: value },
        `failoverOn is ${describeValue(value)}: errors and timeouts move a request anyway, where that is safe; leave it out`,
      ],
    ),
    [
      { failoverOn: 'error timeout http_502 http_503' },
      "failoverOn is 'error timeout http_502 http_503': errors and timeouts move a request anyway, where that is safe; write [502, 503]",
    ],
    [
      { failoverOn: 'error http_503 non_idempotent' },
      "failoverOn is 'error http_503 non_idempotent': errors and timeouts move a request anyway, where that is safe; write { status: [503], methods: ['POST'] } for non_idempotent",
    ],
    [
      { failoverOn: ['http_502', 503] },
      "failoverOn is ['http_502', 503]: errors and timeouts move a request anyway, where that is safe; write [502, 503]",
    ],
    [
      { failoverOn: 'off' },
      "failoverOn is 'off': it says which requests move too; write maxattempts: 0 for none",
    ],
    [{ failoverOn: '502 503' }, "failoverOn is '502 503': statuses are numbers; write [502, 503]"],
    [{ failoverOn: 'sometimes' }, "failoverOn is 'sometimes': it must be a list; write [502, 503, 504]"],
    [{ failoverOn: 502 }, 'failoverOn is 502: it must be a list; write [502]'],
    [
      { failoverOn: [200] },
      'failoverOn[0] is 200: it must be the status of an error; write a whole number from 400 to 599',
    ],
    [
      { failoverOn: { methods: ['post'] } },
      "failoverOn.methods[0] is 'post': methods are in upper case; write 'POST'",
    ],
    [{ failoverOn: { methods: 'POST' } }, "failoverOn.methods is 'POST': it must be a list; write ['POST']"],
    [
      { failoverOn: { methods: [5] } },
      "failoverOn.methods[0] is 5: it must be a method: letters, digits and !#$%&'*+-.^_`|~; write one such as 'POST'",
    ],
    [
      { failoverOn: { idempotencyKey: 'a b' } },
      "failoverOn.idempotencyKey is 'a b': it must be a field's name: letters, digits and !#$%&'*+-.^_`|~; write true or a name such as 'Idempotency-Key'",
    ],
    [
      { failoverOn: { statuses: [503] } },
      'failoverOn.statuses is [503]: there is no such option; write status',
    ],
    [
      { replayBytes: '64kb' },
      "replayBytes is '64kb': it must be a number of bytes, for each request; write a whole number from 0 to 67108864",
    ],
    [
      { replayBytes: 2 ** 30 },
      'replayBytes is 1073741824: it must be a number of bytes, for each request; write a whole number from 0 to 67108864',
    ],
    [{ exclude: 'health' }, "exclude is 'health': a path begins with /; write '/health'"],
    [
      { exclude: ['/a', '*'] },
      "exclude[1] is '*': a path begins with /; write a path such as '/health', a RegExp, or req => true",
    ],
    [
      { exclude: '/a*' },
      "exclude is '/a*': it must be a path with everything below it, without ?, # or *; write the path alone, or a RegExp",
    ],
    [
      { exclude: [/a/g] },
      'exclude[0] is /a/g: with the flag g or y a pattern remembers where it matched last, so every other request would miss; write /a/',
    ],
    [
      { exclude: [{}] },
      "exclude[0] is an object: it is no pattern of paths; write a path such as '/health', a RegExp, or req => true",
    ],
    [
      { pathRewrite: { '(': 'x' } },
      "pathRewrite['('] is 'x': its key is no regular expression; write one such as '^/old/'",
    ],
    [
      { pathRewrite: { '^/a': 5 } },
      "pathRewrite['^/a'] is 5: it must be the text to put in; write a text such as '/new/'",
    ],
    [
      { pathRewrite: '/a' },
      "pathRewrite is '/a': it must be a table of texts; write { '^/old': '/new' } or a function",
    ],
    [{ proxypreservehost: 'yes' }, "proxypreservehost is 'yes': it must be true or false; write true"],
    [{ proxyaddheaders: 'Off' }, "proxyaddheaders is 'Off': it must be true or false; write false"],
    [
      { proxyaddheaders: 'Forwarded' },
      "proxyaddheaders is 'Forwarded': there is no such value; write 'forwarded'",
    ],
    [
      { proxyaddheaders: 'all' },
      "proxyaddheaders is 'all': there is no such value; write 'x-forwarded', 'forwarded' or 'both'",
    ],
    [
      { trustProxy: 'loopback' },
      "trustProxy is 'loopback': it must be true, false or address => boolean; leave it out and write app.set('trust proxy', …), which takes numbers and names too",
    ],
    [{ proxyvia: 'on' }, "proxyvia is 'on': there is no such value; write 'On'"],
    [{ proxyvia: true }, "proxyvia is true: there is no such value; write 'Off', 'On', 'Full' or 'Block'"],
    [
      { proxyerroroverride: 'On 404 503' },
      "proxyerroroverride is 'On 404 503': it must be a list; write [502, 503, 504]",
    ],
    [
      { proxyerroroverride: [302] },
      'proxyerroroverride[0] is 302: it must be the status of an error; write a whole number from 400 to 599',
    ],
    [{ proxyerroroverride: 'On' }, "proxyerroroverride is 'On': it must be true or false; write true"],
    [
      { proxypassreverse: 'http://old' },
      "proxypassreverse is 'http://old': it must be a list; write ['http://old']",
    ],
    [
      { proxypassreverse: ['old'] },
      "proxypassreverse[0] is 'old': a URL of the members: its scheme is missing; write 'http://host:3000/base/' or '/base/'",
    ],
    [
      { proxypassreverse: { 'ftp://old/': '/x' } },
      "proxypassreverse['ftp://old/'] is '/x': its key is what members write: ftp:// is not spoken here; write 'http://host:3000/internal/', '/internal' or 'balancer://name/sub'",
    ],
    [
      { proxypassreverse: { '//old/': '/x' } },
      "proxypassreverse['//old/'] is '/x': its key is what members write: a path begins with one / and has no blanks, controls, ?, # or \\ in it; write 'http://host:3000/internal/', '/internal' or 'balancer://name/sub'",
    ],
    [
      { proxypassreverse: { 'balancer:///x': '/x' } },
      "proxypassreverse['balancer:///x'] is '/x': its key is no balancer; write 'balancer://name' or 'balancer://name/sub'",
    ],
    [
      { name: 'one', proxypassreverse: { 'balancer://other/x': '/x' } },
      "proxypassreverse['balancer://other/x'] is '/x': this balancer is called 'one'; write 'balancer://one/x', or the URLs of its members",
    ],
    [
      { proxypassreverse: { 'http://old/': 'x' } },
      "proxypassreverse['http://old/'] is 'x': it is what clients ask for: its scheme is missing; write a path from the root of the host such as '/public/', or 'https://host/public/'",
    ],
    [
      { proxypassreverse: { 'http://old/': '/x\r\nSet-Cookie: a' } },
      "proxypassreverse['http://old/'] is '/x\\r\\nSet-Cookie: a': it is what clients ask for: a path begins with one / and has no blanks, controls, ?, # or \\ in it; write a path from the root of the host such as '/public/', or 'https://host/public/'",
    ],
    [
      { proxypassreverse: { '/old': 7 } },
      "proxypassreverse['/old'] is 7: it is what clients ask for: it is no text; write a path from the root of the host such as '/public/', or 'https://host/public/'",
    ],
    [
      { compat: 'httpd', proxypassreverse: ['http://old/'] },
      "proxypassreverse is ['http://old/']: with compat: 'httpd' every URL says what it stands for; write { 'http://host:3000/internal/': '/public/' }",
    ],
    [{ compat: true }, "compat is true: there is no such value; write 'httpd'"],
    [{ compat: 'Httpd' }, "compat is 'Httpd': there is no such value; write 'httpd'"],
    [
      { compat: 'httpd', httpProxyMiddleware: {} },
      "compat is 'httpd': http-proxy-middleware joins paths in its own way; leave it or httpProxyMiddleware out",
    ],
    [
      { proxymaxforwards: -2 },
      'proxymaxforwards is -2: it must be a number of hops, or -1; write a whole number from -1 to 2147483647',
    ],
    [{ proxymaxforwards: '10' }, "proxymaxforwards is '10': it must be a number of hops, or -1; write 10"],
    [{ proxypassreverse: 1 }, 'proxypassreverse is 1: it must be true or false; write true'],
    [
      { proxypassreversecookiedomain: ['a'] },
      "proxypassreversecookiedomain is ['a']: it must be true, false or a table of texts; write { 'internal.host': 'public.example' }",
    ],
    [
      { proxypassreversecookiedomain: 'On' },
      "proxypassreversecookiedomain is 'On': it must be true or false; write true",
    ],
    [
      { proxypassreversecookiedomain: { 'http://a': 'b' } },
      "proxypassreversecookiedomain['http://a'] is 'b': a domain has no scheme, port or path; write it so: 'app.internal'",
    ],
    [
      { proxypassreversecookiedomain: { a: 'b;c' } },
      "proxypassreversecookiedomain.a is 'b;c': a domain has no scheme, port or path; write it so: 'app.internal'",
    ],
    [
      { proxypassreversecookiepath: { a: '/b' } },
      "proxypassreversecookiepath.a is '/b': a path of cookies begins with / and has no ; in it; write it so: '/base'",
    ],
    [
      { proxypassreversecookiepath: { '/a': null } },
      "proxypassreversecookiepath['/a'] is null: a path of cookies begins with / and has no ; in it; write it so: '/base'",
    ],
    [{ upgrade: true }, "upgrade is true: it must name the protocols; write 'websocket', or leave it out"],
    [
      { upgrade: 'websocket, chat' },
      "upgrade is 'websocket, chat': several protocols are a list; write ['websocket', 'chat']",
    ],
    [{ upgrade: ['NONE'] }, "upgrade[0] is 'NONE': no protocol has that name; write false"],
    [
      { upgrade: [''] },
      "upgrade[0] is '': it must be a protocol's name; write 'websocket', a list of names, 'ANY' or false",
    ],
    [{ upgradeTimeout: 0 }, 'upgradeTimeout is 0: it is no time at all; leave it out for no limit'],
    [
      { httpProxyMiddleware: {}, upgrade: ['websocket', 'chat'] },
      "upgrade is ['websocket', 'chat']: http-proxy-middleware does no other than websocket; write 'websocket' or false, or leave httpProxyMiddleware out",
    ],
    [
      { httpProxyMiddleware: {}, upgrade: 'ANY' },
      "upgrade is 'ANY': http-proxy-middleware does no other than websocket; write 'websocket' or false, or leave httpProxyMiddleware out",
    ],
    [
      { httpProxyMiddleware: true },
      'httpProxyMiddleware is true: it must be a record of options; write { … }, its own options; {} for none',
    ],
    [
      { httpProxyMiddleware: { changeOrigin: false } },
      'httpProxyMiddleware.changeOrigin is false: the balancer writes Host; write proxypreservehost: true beside members',
    ],
    [
      { proxypreservehost: true, httpProxyMiddleware: { changeOrigin: true } },
      'httpProxyMiddleware.changeOrigin is true: proxypreservehost: true says the opposite; leave one of them out',
    ],
    [
      { logger: { info: () => undefined } },
      'logger is an object: it has no warn and no error; write console, an object with info, warn and error, or false',
    ],
    [
      { logger: true },
      'logger is true: it is no logger; write console, an object with info, warn and error, or false',
    ],
  ])('%j is answered in one line', (options, line) => {
    expect(linesFor(options)).toEqual([line]);
  });
});
