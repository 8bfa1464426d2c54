import { describe, expect, test } from '@jest/globals';
import { createBalancer, DefinitionError } from '../../src/index.ts';

/** What is wrong with a definition, a line for each fault; none: it is taken. */
function faultsOf(definition: object): readonly string[] {
  try {
    void createBalancer({
      logger: false,
      members: ['http://a'],
      ...definition,
    }).close();
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(DefinitionError);
    return (error as DefinitionError).problems.map(
      ({ path, given, problem, advice }) => `${path} is ${given}: ${problem}; ${advice}`,
    );
  }
}

const inside = (httpProxyMiddleware: object): readonly string[] => faultsOf({ httpProxyMiddleware });
const hook = (): void => undefined;

describe('what stands in the place of an option', () => {
  const inPlaceOfTarget = "the members stand for it; write members: ['http://…'] on the balancer";
  test.each([
    [{ target: 'http://a' }, `target is 'http://a': ${inPlaceOfTarget}`],
    [{ router: { '/a': 'http://a' } }, `router is an object: ${inPlaceOfTarget}`],
    [{ router: hook }, `router is a function: ${inPlaceOfTarget}`],
    [
      { forward: 'http://a' },
      "forward is 'http://a': requests are not copied to a second server; leave it out",
    ],
    [{ ws: true }, 'ws is true: upgrades have their own way; call attachUpgrades(server, app)'],
    [{ xfwd: true }, "xfwd is true: X-Forwarded-* are the balancer's; write proxyaddheaders on the balancer"],
    [{ http2: true }, 'http2 is true: it is for a server of its own, and there is none; leave it out'],
    [
      { buffer: 'x' },
      "buffer is 'x': one stream is the body of one request; leave it out; what a body parser has read is sent",
    ],
    [
      { prependPath: false },
      "prependPath is false: http-proxy-middleware 4 puts the URL's path first all the same; leave it and the path of the member's URL out",
    ],
    [
      { changeOrigin: false },
      'changeOrigin is false: the balancer writes Host; write proxypreservehost: true beside members',
    ],
  ])('%j', (options, fault) => {
    expect(inside(options)).toEqual([`httpProxyMiddleware.${fault}`]);
  });

  test('autoRewrite and a balancer that maps nothing back contradict each other', () => {
    const both = { proxypassreverse: false, httpProxyMiddleware: { autoRewrite: true } };
    expect(faultsOf(both)).toEqual([
      'httpProxyMiddleware.autoRewrite is true: proxypassreverse: false says the opposite; leave one of them out',
    ]);
  });
});

describe('names of versions before 3', () => {
  test.each(['error', 'proxyReq', 'proxyRes', 'proxyReqWs', 'open', 'close'])('the hook of %s', (event) => {
    const former = `on${event[0]!.toUpperCase()}${event.slice(1)}`;
    const words = `is a function: http-proxy-middleware has its hooks in a record; write`;
    expect(inside({ [former]: hook })).toEqual([
      `httpProxyMiddleware.${former} ${words} on: { ${event}: … }`,
    ]);
    expect(inside({ [event]: hook })).toEqual([`httpProxyMiddleware.${event} ${words} on: { ${event}: … }`]);
    if (event === 'error') return;
    expect(faultsOf({ [former]: hook })).toEqual([
      `${former} ${words} httpProxyMiddleware: { on: { ${event}: … } }`,
    ]);
  });

  test('onError beside members is told of next(err)', () => {
    expect(faultsOf({ onError: hook })).toEqual([
      'onError is a function: errors end in next(err); write an error handler of the app',
    ]);
  });

  test.each([
    ['logLevel', 'debug', 'there is no such option; write logger'],
    ['logProvider', 'x', 'there is no such option; write logger'],
    ['context', '/api', 'it has another name; write pathFilter'],
    ['proxyHost', 'a', 'members get their own Host anyway; leave it out'],
    ['proxyTable', 'a', "the members stand for it; write members: ['http://…'] on the balancer"],
  ])('%s', (name, value, words) => {
    expect(inside({ [name]: value })).toEqual([`httpProxyMiddleware.${name} is '${value}': ${words}`]);
  });
});

describe('options of http-proxy-middleware beside members are sent to their place', () => {
  test.each([
    ['ssl', 'there is no such option; write tls on a member, or in memberDefaults for all'],
    ...[
      'on',
      'plugins',
      'ejectPlugins',
      'agent',
      'headers',
      'auth',
      'selfHandleResponse',
      'followRedirects',
    ].map((name) => [
      name,
      `it is an option of http-proxy-middleware's; write httpProxyMiddleware: { ${name}: … }`,
    ]),
    ['target', "the members stand for it; write members: ['http://…']"],
    [
      'router',
      "the members stand for it; write members: ['http://…'], or one balancer for each of its entries",
    ],
    [
      'proxyTable',
      "the members stand for it; write members: ['http://…'], or one balancer for each of its entries",
    ],
    ['forward', 'requests are not copied to a second server; leave it out'],
    [
      'ws',
      'upgrades to websocket are served anyway; leave it out, and call attachUpgrades(server, app); or write upgrade',
    ],
    ['xfwd', 'X-Forwarded-* are added anyway; leave it out, or write proxyaddheaders'],
    [
      'changeOrigin',
      'members get their own Host anyway; leave it out, or write proxypreservehost: true for changeOrigin: false',
    ],
    [
      'secure',
      'TLS to the members has a record of its own; write memberDefaults: { tls: { rejectUnauthorized: false } } for secure: false',
    ],
    ['pathFilter', 'what is not proxied is named; write exclude, or mount the balancer at the path'],
    ['context', "the path is where the balancer is mounted; write app.use('/path', balancer)"],
    ['autoRewrite', 'redirects are mapped back anyway; leave it out, or write proxypassreverse'],
    ['hostRewrite', 'redirects are mapped back anyway; leave it out, or write proxypassreverse'],
    ['protocolRewrite', 'redirects are mapped back anyway; leave it out, or write proxypassreverse'],
    ['cookieDomainRewrite', 'there is no such option; write proxypassreversecookiedomain'],
    ['cookiePathRewrite', 'there is no such option; write proxypassreversecookiepath'],
    ['proxyTimeout', 'there is no such option; write proxytimeout'],
  ])('%s', (name, words) => {
    // The value of one whose meaning is certain is looked at too.
    expect(faultsOf({ [name]: true })[0]).toBe(`${name} is true: ${words}`);
  });
});

describe('what http-proxy-middleware would throw at the first request, or say nothing of, throws at once', () => {
  const filters = "write '/api', ['/api', '/ajax'], ['/api/**', '!**/*.html'] or a function";
  test.each([
    [
      { pathRewrite: { '^/(': '/' } },
      "pathRewrite['^/('] is '/': its key is no regular expression; write one such as '^/old/'",
    ],
    [
      { pathRewrite: '/a' },
      "pathRewrite is '/a': it must be a table of texts; write { '^/old': '/new' } or a function",
    ],
    [
      { pathFilter: ['/api', '/x/**'] },
      `pathFilter is ['/api', '/x/**']: a list has either paths or globs, and of both it lets nothing through; ${filters}`,
    ],
    [{ pathFilter: 5 }, `pathFilter is 5: it is no filter of paths; ${filters}`],
    [{ plugins: [1] }, 'plugins[0] is 1: it is no plugin; write (proxyServer, options) => …'],
    [{ plugins: hook }, 'plugins is a function: it must be a list; write [(proxyServer, options) => …]'],
    [
      { on: hook },
      'on is a function: it must be a record of options; write { proxyReq: … }, functions by event',
    ],
    [
      { on: { proxyReq: 'x' } },
      "on.proxyReq is 'x': it must be a function; write (proxyReq, req, res) => …, as its event has it",
    ],
    [
      { on: { proxyRequest: hook } },
      'on.proxyRequest is a function: nothing of that name is told; write proxyReq',
    ],
    [
      { on: { onProxyRes: hook } },
      'on.onProxyRes is a function: nothing of that name is told; write proxyRes',
    ],
    [
      { logger: { info: hook } },
      'logger is an object: it has no warn and no error; write console, an object with info, warn and error, or false',
    ],
  ])('%j', (options, fault) => {
    expect(inside(options)).toEqual([`httpProxyMiddleware.${fault}`]);
  });
});

test.each([
  [{ pathRewrite: null }],
  [{ pathRewrite: async (path: string) => Promise.resolve(path) }],
  [{ pathFilter: ['foo/*.js', '!bar.js'] }],
  [{ pathFilter: ['/a(b)', '/c'] }],
  [{ on: { error: undefined, proxyRes: null } }],
  [{ on: { heard: hook } }],
  [{ plugins: [hook], ejectPlugins: true }],
  [{ logger: false }],
  [{ laterOption: 1 }],
  [{ prependPath: true, changeOrigin: true, autoRewrite: true }],
])('is taken: %j', (options) => {
  expect(inside(options)).toEqual([]);
});
