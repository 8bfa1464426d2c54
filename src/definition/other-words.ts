import { balancerWords } from './balancer-words.ts';
import { httpProxyMiddlewareWords } from './http-proxy-middleware-words.ts';
import { changeWords, memberWords, tlsWords } from './member-words.ts';
import type { Place } from './option-names.ts';
import { say, sayAll, translate, type Words } from './words.ts';

/** What to answer to words that are none of ours, folded, by the record that they stand in. */
export const otherWords: Readonly<Record<Place, Words>> = {
  balancer: balancerWords,
  member: memberWords,
  handlerMember: memberWords,
  memberDefaults: memberWords,
  change: new Map([...memberWords, ...changeWords]),
  tls: tlsWords,
  hcexpect: new Map(
    translate({ status: 'code codes statuscode statuscodes statuses', body: 'match pattern text' }),
  ),
  hashKey: new Map([
    ...translate({ header: 'field headername', cookie: 'cookiename' }),
    ...sayAll('address clientip ip remoteaddr source', 'the address is a word', "write hashKey: 'ip'"),
  ]),
  ejection: new Map(
    translate({
      consecutive: 'consecutive5xx consecutiveerrors consecutivefailures errorlimit maxfails',
      rate: 'errorrate failurerate share threshold',
      window: 'interval period',
      minRequests: 'minrequest minimumrequests minvolume requestvolume volume',
      maxEjected: 'maxejectionpercent maxshare',
      time: 'baseejectiontime duration ejectiontime retry',
    }),
  ),
  routeCookie: new Map([
    ...translate({ secret: 'keys secrets', maxAge: 'lifetime maxagems ttl', name: 'cookie cookiename' }),
    ['signed', say('a secret makes it signed', 'write secret')],
    ['encode', say('a route needs no encoding', 'leave it out')],
  ]),
  failoverOn: new Map(
    translate({ status: 'statuses statuscodes codes', methods: 'method', idempotencyKey: 'idempotent' }),
  ),
  httpProxyMiddleware: httpProxyMiddlewareWords,
};
