/**
 * Lays `own` over `beneath`: what `own` has is its own, everything else is read from `beneath`, and all that is written
 * stays in `own`. A Proxy, because an object that becomes another's prototype is slow from then on, and `beneath` is
 * what the client's request and response are served with.
 */
export function overlay<Own extends object>(own: Own, beneath: object): Own {
  return new Proxy(own, {
    get: (_own, key): unknown => Reflect.get(key in own ? own : beneath, key),
    has: (_own, key) => key in own || key in beneath,
  });
}
