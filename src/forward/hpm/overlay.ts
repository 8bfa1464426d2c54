/** What a stand-in stands for. */
export const beneath = Symbol('beneath');

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
export function overlay<Own extends Readonly<{ [beneath]: object }>>(own: Own): Own {
  return new Proxy<Own>(own, handler);
}
