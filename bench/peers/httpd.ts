import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startConfigured } from './native-peer.ts';
import type { Peer, Task } from './peer.ts';
import { askVersion } from './version.ts';

/** The places of Debian, unless told otherwise. */
const executable = process.env['HTTPD'] ?? '/usr/sbin/apache2';
const modules = process.env['HTTPD_MODULES'] ?? '/usr/lib/apache2/modules';

/** What is loaded where it is a file; the others are part of the program. */
const loaded = [
  'mpm_event',
  'unixd',
  'authn_core',
  'authz_core',
  'slotmem_shm',
  'proxy',
  'proxy_http',
  'proxy_balancer',
  'lbmethod_byrequests',
];

export const httpd: Peer = {
  name: 'Apache httpd',
  version: () => (existsSync(modules) ? askVersion(executable, '-v') : undefined),
  install: 'apt-get install apache2-bin',
  lacks: () => undefined,
  start: (task) =>
    startConfigured({
      name: 'Apache httpd',
      command: executable,
      args: (file, folder) => ['-d', folder, '-f', file, '-DFOREGROUND'],
      write: (port) => writeConfiguration(task, port),
    }),
};

function writeConfiguration({ members, sticky, upgrades, clients = 100 }: Task, port: number): string {
  // One for each client that is being answered, and some to spare. Many more would cost it: with 1,100 it was a quarter slower.
  const threads = clients + 28;
  const parameters = upgrades ? ' upgrade=websocket' : '';
  return [
    ...loaded
      .map((name) => [name, join(modules, `mod_${name}.so`)] as const)
      .filter(([, file]) => existsSync(file))
      .map(([name, file]) => `LoadModule ${name}_module ${file}`),
    `Listen 127.0.0.1:${port}`,
    'PidFile pid',
    'DefaultRuntimeDir .',
    'ErrorLog error.log',
    'LogLevel crit',
    'ServerName httpd.example',
    'DocumentRoot .',
    'Timeout 3600',
    'KeepAlive On',
    'KeepAliveTimeout 3600',
    'MaxKeepAliveRequests 0',
    // One process, which all connections to members belong to.
    'StartServers 1',
    'ServerLimit 1',
    `ThreadsPerChild ${threads}`,
    `ThreadLimit ${threads}`,
    `MaxRequestWorkers ${threads}`,
    `MaxSpareThreads ${threads}`,
    // Numbers are there on every system; as root it may not serve.
    ...(process.getuid?.() === 0 ? ['User #65534', 'Group #65534'] : []),
    '<Proxy "balancer://members">',
    ...members.map((origin, i) => `BalancerMember ${origin} route=r${i}${parameters}`),
    `ProxySet lbmethod=byrequests${sticky ? ' stickysession=sid' : ''}`,
    '</Proxy>',
    'ProxyPass "/" "balancer://members/"',
    '',
  ].join('\n');
}
