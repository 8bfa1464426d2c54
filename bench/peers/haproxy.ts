import { startConfigured } from './native-peer.ts';
import type { Peer, Task } from './peer.ts';
import { askVersion } from './version.ts';

export const haproxy: Peer = {
  name: 'HAProxy',
  version: () => askVersion('haproxy', '-v'),
  install: 'apt-get install haproxy',
  lacks: () => undefined,
  start: (task) =>
    startConfigured({
      name: 'HAProxy',
      command: 'haproxy',
      args: (file) => ['-q', '-db', '-f', file],
      write: (port) => writeConfiguration(task, port),
    }),
};

function writeConfiguration({ members, sticky }: Task, port: number): string {
  return [
    'global',
    'nbthread 1',
    'maxconn 4000',
    'defaults',
    'mode http',
    'balance roundrobin',
    'http-reuse always',
    'option forwardfor',
    // A refused connection leads to another member at once; without this it waits a second before each trial.
    'option redispatch 1',
    'retries 3',
    'timeout connect 5s',
    'timeout client 1h',
    'timeout server 1h',
    'timeout tunnel 1h',
    'timeout http-keep-alive 1h',
    'frontend front',
    `bind 127.0.0.1:${port}`,
    'default_backend members',
    'backend members',
    // Marked down after failures of requests, as the others do; the check only finds out when it is back.
    'default-server check inter 10s fastinter 1s observe layer4 error-limit 3 on-error mark-down',
    // Its own `cookie` writes a value of its own; the sessions here are the application's.
    ...(sticky ? ['use-server %[req.cook(sid),field(-1,.)] if { req.cook(sid) -m found }'] : []),
    ...members.map((origin, i) => `server r${i} ${new URL(origin).host}`),
    '',
  ].join('\n');
}
