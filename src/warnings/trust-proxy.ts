import type { IncomingMessage } from 'node:http';
import { unmapAddress } from '../request/address.ts';
import type { Watch, WatchedRequest } from './watch.ts';

/** As much of an Express app as says whether somebody has decided on `trust proxy`. */
type ExpressApp = Readonly<{ settings?: Readonly<Record<string, unknown>>; parent?: ExpressApp }>;

/** How Express notes that nobody has. */
const isDefault = '@@symbol:trust_proxy_default';

const fields = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded'];

/** Behind another proxy that nobody is said to trust. */
export const watchTrust: Watch<WatchedRequest> = {
  code: 'WARN_BALANCER_TRUST_PROXY',
  isNeeded: ({ trustProxy, xForwarded, forwarded }) => !trustProxy && (xForwarded || forwarded),
  judge({ origin, inbound }) {
    if (inbound.trusted) return undefined;
    const { headers } = origin.req;
    // Most requests have none of them.
    const field = fields.find((name) => headers[name] !== undefined);
    if (field === undefined) return undefined;
    const { app } = origin.req as IncomingMessage & { app?: ExpressApp };
    if (isDecided(app)) return undefined;
    const where = app
      ? "app.set('trust proxy', 1), or better its address,"
      : "trustProxy: (address) => address === '…' in the definition";
    const peer = unmapAddress(inbound.remoteAddress);
    return (
      `a request from ${peer} has the field ${writeField(field)}, and nobody has said whom to believe it: members are told that ` +
      `${peer} is the client. Write ${where} where a proxy stands in front; where none does, a client has made it up: ` +
      `write trustProxy: false in the definition`
    );
  },
};

function isDecided(app: ExpressApp | undefined): boolean {
  for (let each = app; each; each = each.parent) {
    if (each.settings?.[isDefault] === false) return true;
  }
  return false;
}

function writeField(name: string): string {
  return name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
