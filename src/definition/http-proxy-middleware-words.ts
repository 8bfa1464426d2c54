import { say, sayAll, type Words } from './words.ts';

/** What http-proxy-middleware tells of, by the name that `on` has for it. */
export const proxyEvents = [
  ...['error', 'proxyReq', 'proxyReqWs', 'proxyRes', 'open', 'close', 'start', 'end', 'econnreset'],
] as const satisfies readonly string[];

/** Its hooks, as its versions before 3 have named them: `onProxyReq`. */
const formerHooks = proxyEvents.map((event) => [`on${event.toLowerCase()}`, event] as const);

const isHook = 'http-proxy-middleware has its hooks in a record';

/** Options of http-proxy-middleware that the balancer has no use for, wherever they stand. */
export const uselessWords: Words = new Map([
  ['forward', say('requests are not copied to a second server', 'leave it out')],
  ['http2', say('it is for a server of its own, and there is none', 'leave it out')],
  [
    'buffer',
    say('one stream is the body of one request', 'leave it out; what a body parser has read is sent'),
  ],
]);

/** What to answer to words beside `members` that are http-proxy-middleware's, of versions before 3. */
export const formerWords: Words = new Map([
  ...formerHooks
    .filter(([, event]) => event !== 'error')
    .map(
      ([word, event]) => [word, say(isHook, `write httpProxyMiddleware: { on: { ${event}: … } }`)] as const,
    ),
  ['onerror', say('errors end in next(err)', 'write an error handler of the app')],
  [
    'proxytable',
    say('the members stand for it', "write members: ['http://…'], or one balancer for each of its entries"),
  ],
  ['context', say('the path is where the balancer is mounted', "write app.use('/path', balancer)")],
  ...uselessWords,
]);

/** What to answer to words in `httpProxyMiddleware` that are none of its options here, folded. */
export const httpProxyMiddlewareWords: Words = new Map([
  ...sayAll(
    'target router proxytable',
    'the members stand for it',
    "write members: ['http://…'] on the balancer",
  ),
  ['ws', say('upgrades have their own way', 'call attachUpgrades(server, app)')],
  ['xfwd', say("X-Forwarded-* are the balancer's", 'write proxyaddheaders on the balancer')],
  ...formerHooks.map(([word, event]) => [word, say(isHook, `write on: { ${event}: … }`)] as const),
  ...proxyEvents.map((event) => [event.toLowerCase(), say(isHook, `write on: { ${event}: … }`)] as const),
  ['context', say('it has another name', 'write pathFilter')],
  ...sayAll('loglevel logprovider', 'there is no such option', 'write logger'),
  ['proxyhost', say('members get their own Host anyway', 'leave it out')],
  ...uselessWords,
]);
