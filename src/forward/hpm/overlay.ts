/** What a stand-in stands for. */
export const beneath = Symbol('beneath');

/** Where something that stands in has what is laid over what is beneath it, for those who are to see both. */
export const asShown = Symbol('asShown');

type Overlaid = Record<PropertyKey, unknown> & { readonly [beneath]: object };

// One for all of them: each of its own would be garbage of its own.
const handler: ProxyHandler<Overlaid> = {
  get: (own, key): unknown => (key in own ? own[key] : Reflect.get(own[beneath], key)),
  has: (own, key) => key in own || key in own[beneath],
};

/**
 * Lays `own` over what is beneath it: what it has is its own, everything else is read from there, and all that is
 * written stays in `own`. A Proxy, because an object that becomes another's prototype is slow from then on, and what
 * is beneath is what the client's request and response are served with.
 */
export function overlay<Own extends { readonly [beneath]: object; [asShown]: unknown }>(own: Own): Own {
  const shown = new Proxy<Own>(own, handler);
  own[asShown] = shown;
  return shown;
}

/** What others are to see of a thing: of what stands in, what is beneath it as well. */
export function show(thing: unknown): unknown {
  if (typeof thing !== 'object' || thing === null) return thing;
  return (thing as { [asShown]?: unknown })[asShown] ?? thing;
}
