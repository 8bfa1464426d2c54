import type { Filter, OnProxyEvent, Options } from 'http-proxy-middleware';

/** A function whose parameters may be typed for Express, as those of methods may. */
type Loose<Value> = Value extends (...args: infer Args) => infer Result
  ? { call(...args: Args): Result }['call']
  : Value;

/** What the balancer stands for, or what would not be what it says; each is refused with its reason. */
type Refused = 'target' | 'router' | 'forward' | 'ws' | 'xfwd' | 'http2' | 'buffer';

/** Its options that are functions, or have some in them. */
type Functions = {
  /** Hooks, by event: `{ proxyReq(proxyReq, req: Request, res: Response) { … } }`. Default: none. */
  on?: { [Event in keyof OnProxyEvent]: Loose<OnProxyEvent[Event]> };
  /** Which requests are proxied; the others are left to the app. Default: all. */
  pathFilter?: Loose<Filter>;
  /** The path below the mount path, with the query, as the member gets it. Default: as it came. */
  pathRewrite?: Loose<NonNullable<Options['pathRewrite']>>;
};

/** http-proxy-middleware's own options, but for those that the balancer stands for. */
export type HttpProxyMiddleware = Omit<Options, Refused | keyof Functions> & Functions;
