import { quote } from '../definition/describe.ts';
import { valuesOf } from '../rewrite/headers.ts';
import { publicHostOf } from './host.ts';
import type { Watch, WatchedAnswer } from './watch.ts';

/** A Location that nothing maps back, and that names a member's host. */
export const watchRedirect: Watch<WatchedAnswer> = {
  code: 'WARN_BALANCER_INTERNAL_REDIRECT',
  // Who switches the mapping off has decided.
  isNeeded: ({ reverse }) => reverse,
  judge({ reply, request: { inbound } }, { settings: { members } }) {
    const location = valuesOf(reply.headers, 'location')[0];
    if (location === undefined || reply.status < 300 || reply.status > 399) return undefined;
    const url = /^https?:/i.test(location) ? URL.parse(location) : undefined;
    const host = publicHostOf(inbound);
    if (!url || host === undefined || host === '' || url.hostname === host) return undefined;
    const member = members.find(({ hostname, handler }) => !handler && hostname === url.hostname);
    if (!member) return undefined;
    return (
      `the member ${quote(member.origin)} redirects to ${quote(url.origin)}, which leads the client past the balancer. Where ` +
      `that stands for this mount path too, write proxypassreverse: [${quote(`${url.origin}/`)}]; where the member insists on ` +
      'https, let it go by X-Forwarded-Proto, or its own address by X-Forwarded-Host'
    );
  },
};
