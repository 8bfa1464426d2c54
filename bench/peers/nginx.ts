import { startConfigured } from './native-peer.ts';
import type { Peer, Task } from './peer.ts';
import { askVersion } from './version.ts';

export const nginx: Peer = {
  name: 'nginx',
  version: () => askVersion('nginx', '-v'),
  install: 'apt-get install nginx-light',
  lacks: () => undefined,
  start: (task) =>
    startConfigured({
      name: 'nginx',
      command: 'nginx',
      args: (file, folder) => ['-e', 'stderr', '-p', folder, '-c', file],
      write: (port, folder) => writeConfiguration(task, port, folder),
    }),
};

function writeConfiguration(task: Task, port: number, folder: string): string {
  return [
    ...writeNginxFrame(folder),
    'http {',
    ...writeNginxDefaults(folder),
    ...writeUpstreams(task),
    ...(task.upgrades ? ["map $http_upgrade $way { default upgrade; '' ''; }"] : []),
    'server {',
    `listen 127.0.0.1:${port};`,
    'location / {',
    `proxy_pass http://${task.sticky ? '$bound' : 'members'};`,
    'proxy_http_version 1.1;',
    `proxy_set_header Connection ${task.upgrades ? '$way' : '""'};`,
    ...(task.upgrades ? ['proxy_set_header Upgrade $http_upgrade;'] : []),
    'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    // As the others: an upload goes on as it comes, and nothing is put aside on the disk.
    'client_max_body_size 0;',
    'proxy_request_buffering off;',
    'proxy_max_temp_file_size 0;',
    '}',
    '}',
    '}',
    '',
  ].join('\n');
}

function writeUpstreams({ members, sticky }: Task): string[] {
  const addresses = members.map((origin) => new URL(origin).host);
  // Idle connections that are kept at most: one of each member and those of 64 clients at least.
  const group = (name: string, hosts: readonly string[]): string =>
    `upstream ${name} { ${hosts.map((host) => `server ${host};`).join(' ')} keepalive ${hosts.length + 256}; keepalive_requests ${unlimited}; }`;
  if (!sticky) return [group('members', addresses)];
  // Its own `sticky` is not in the free edition: the usual way without it is a map, which has no failover.
  return [
    group('members', addresses),
    ...addresses.map((host, i) => group(`r${i}`, [host])),
    'map $cookie_sid $bound { default members; "~\\.(?<route>r[0-9]+)$" $route; }',
  ];
}

const unlimited = 1_000_000_000;

/** What stands before `http`. */
export function writeNginxFrame(folder: string): string[] {
  return [
    'daemon off;',
    'worker_processes 1;',
    `pid ${folder}/pid;`,
    'error_log stderr crit;',
    'worker_rlimit_nofile 20000;',
    'events { worker_connections 16384; }',
  ];
}

/** What `http` has in common for proxy and members. */
export function writeNginxDefaults(folder: string): string[] {
  return [
    'access_log off;',
    'sendfile on;',
    'tcp_nopush on;',
    `keepalive_requests ${unlimited};`,
    'keepalive_timeout 3600s;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    ),
  ];
}
