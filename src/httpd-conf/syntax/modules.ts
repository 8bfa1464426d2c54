/** Modules whose work is done here, or whose directives are understood by the reader itself. */
const done = [
  'access_compat',
  'authz_core',
  'authz_host',
  'headers',
  'lbmethod_bybusyness',
  'lbmethod_byrequests',
  'lbmethod_bytraffic',
  'macro',
  'proxy',
  'proxy_balancer',
  'proxy_hcheck',
  'proxy_http',
  'proxy_wstunnel',
  'rewrite',
  'slotmem_plain',
  'slotmem_shm',
  'ssl',
  'unixd',
  'version',
  'watchdog',
];

/** Those in every httpd; their source files are not called mod_…. */
const core = ['core.c', 'core_module', 'http_core.c', 'http_module', 'mod_so.c', 'so_module'];

/** Source files that are not named after their module. */
const sources: Readonly<Record<string, string>> = {
  mpm_event_module: 'event.c',
  mpm_prefork_module: 'prefork.c',
  mpm_worker_module: 'worker.c',
  core_module: 'core.c',
  http_module: 'http_core.c',
};

/** Whether `<IfModule>` finds a module from the start. `symbol`: as LoadModule names it. */
export function isModuleDone(symbol: string): boolean {
  return core.includes(symbol) || done.some((word) => `${word}_module` === symbol);
}

/** What `<IfModule>` finds from the start. */
export function listModules(more: readonly string[]): Set<string> {
  return new Set([...core, ...[...done, ...more].flatMap(nameModule)]);
}

/** Both names of a module, given either of them or what stands between: `proxy`, `proxy_module`, `mod_proxy.c`. */
function nameModule(name: string): readonly string[] {
  const [, source] = /^mod_([^/]*)\.(?:c|so)$/.exec(name) ?? [];
  const word = source ?? (name.endsWith('_module') ? name.slice(0, -'_module'.length) : name);
  const symbol = `${word}_module`;
  const names = [symbol, sources[symbol] ?? `mod_${word}.c`];
  return name === word && !name.endsWith('.c') ? names : [name, ...names];
}

/** What a `LoadModule proxy_module modules/mod_proxy.so` makes known. */
export function nameLoaded(symbol: string, file: string): readonly string[] {
  const [, base] = /([^/\\]*)\.(?:so|dll)$/i.exec(file) ?? [];
  return base === undefined ? nameModule(symbol) : [...nameModule(symbol), `${base}.c`];
}
