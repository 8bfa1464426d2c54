import type { Fault } from './problem.ts';

const leaveOut = 'leave it out';

/** The same fault for several names, folded. */
function refuse(names: string, problem: string, advice = leaveOut): [string, Fault][] {
  return names.split(' ').map((name) => [name, { problem, advice }]);
}

/** Options and directives of httpd that mean nothing here or are written otherwise, by folded name: wherever they stand. */
export const refusedOptions: ReadonlyMap<string, Fault> = new Map([
  ...refuse('secret', 'it is for AJP, and members are spoken to in HTTP'),
  ...refuse('flusher', 'it is for mod_proxy_fdpass, and members are spoken to in HTTP'),
  ...refuse('flushpackets flushwait', 'every piece of an answer is sent on at once'),
  ...refuse('min smax', 'connections are opened when they are needed and closed when `ttl` is over'),
  ...refuse('iobuffersize proxyiobuffersize', 'Node chooses the size of its buffers'),
  ...refuse('receivebuffersize proxyreceivebuffersize', "Node cannot set a socket's receive buffer"),
  ...refuse('growth balancergrowth', 'the list of members has no fixed length'),
  ...refuse('nonce', 'the manager protects its forms by tokens of its own'),
  ...refuse(
    'enablereuse',
    'connections are used again unless that is disabled',
    'write disablereuse: false or true',
  ),
  ...refuse(
    'addressttl',
    'host names are looked up for each new connection',
    "write resolve: 'A' for a member each, as long as DNS says",
  ),
  ...refuse('hcexpr proxyhcexpr', 'a definition is JavaScript', 'write hcexpect'),
  ...refuse('hctemplate proxyhctemplate', 'what members share is written once', 'write memberDefaults'),
  ...refuse('proxyhctpsize', 'checks need no threads'),
  ...refuse(
    'ping',
    'a request is sent at once, not held back for a 100 (Continue)',
    'write connectiontimeout and timeout',
  ),
  ...refuse(
    'nocanon mapping mapencoded allowencodedslashes',
    'a path is sent on as the client has encoded it',
  ),
  ...refuse('noquery', 'the query is sent on as it came'),
  ...refuse('interpolate proxypassinterpolateenv', 'a definition is JavaScript', 'write the value itself'),
  ...refuse(
    'proxypass proxypassmatch',
    'the path is where the balancer is mounted',
    "write app.use('/path', balancer)",
  ),
  ...refuse(
    'proxyrequests proxyremote proxyremotematch noproxy proxyblock proxydomain',
    'this is no forward proxy',
  ),
  ...refuse('proxysourceaddress', 'it is not in this version'),
  ...refuse(
    'proxybadheader',
    'an answer that is no HTTP ends in 502',
    'leave it out; httpd calls this IsError',
  ),
  ...refuse('proxystatus', 'the state of the members is in balancer.view()'),
  ...refuse(
    'balancerpersist balancerinherit proxypassinherit',
    'a definition holds for one balancer while it lives',
  ),
  ...refuse('proxyset', 'it sets options', 'write the options themselves'),
]);
