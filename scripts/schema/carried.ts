import type { HttpProxyMiddleware } from '../../src/definition/http-proxy-middleware.ts';
import type { JsonSchema } from './json-schema.ts';

/** Its options that take every such value, as its own types have it. */
type Taking<Value> = {
  [Name in keyof HttpProxyMiddleware]-?: Value extends HttpProxyMiddleware[Name] ? Name : never;
}[keyof HttpProxyMiddleware];

function each<Name extends string>(names: readonly Name[], schema: JsonSchema): Record<Name, JsonSchema> {
  return Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, JsonSchema>;
}

const flags = [
  ...(['ejectPlugins', 'secure', 'toProxy', 'ignorePath', 'changeOrigin'] as const),
  ...(['preserveHeaderKeyCase', 'autoRewrite', 'selfHandleResponse'] as const),
] satisfies Taking<boolean>[];
const texts = ['localAddress', 'auth', 'hostRewrite', 'protocolRewrite'] as const satisfies Taking<string>[];
const times = ['proxyTimeout', 'timeout', 'upgradeTimeout'] as const satisfies Taking<number>[];
const tables = [
  ...(['headers', 'pathRewrite', 'cookieDomainRewrite', 'cookiePathRewrite'] as const),
] satisfies Taking<Record<string, string>>[];
const lists = ['pathFilter'] as const satisfies Taking<string[]>[];

const text: JsonSchema = { type: 'string' };
const table: JsonSchema = { type: 'object', additionalProperties: text };
const rewriting: JsonSchema = { anyOf: [{ const: false }, text, table] };

// What is missing, and what is no option of it, the compiler finds.
const properties: Readonly<Record<keyof HttpProxyMiddleware, JsonSchema>> = {
  ...each(flags, { type: 'boolean' }),
  ...each(texts, text),
  ...each(times, { description: 'In milliseconds.', type: 'number' }),
  ...each(tables, table),
  ...each(lists, { anyOf: [text, { type: 'array', items: text }] }),
  cookieDomainRewrite: rewriting,
  cookiePathRewrite: rewriting,
  pathRewrite: { ...table, propertyNames: { format: 'regex' } },
  followRedirects: { anyOf: [{ type: 'boolean' }, { type: 'number' }] },
  prependPath: { const: true },
  agent: { const: false },
  ssl: { type: 'object', additionalProperties: true },
  // Functions, or made of them.
  plugins: {},
  on: {},
  logger: {},
};

/** What the balancer stands for, or has no use for. */
const refused = ['target', 'router', 'forward', 'ws', 'xfwd', 'http2', 'buffer'] as const;

/** The options of http-proxy-middleware; a later version of it may have more. */
export const carried: JsonSchema = {
  type: 'object',
  properties: { ...properties, ...Object.fromEntries(refused.map((name) => [name, false])) },
  additionalProperties: true,
};
