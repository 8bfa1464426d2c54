// One backend: `node example-app/backend.ts app1 [port]`. Killed means killed: what it was doing is lost, as in life.
import { createServer } from 'node:http';
import { followParent, listen } from './cluster/child.ts';
import { backendNames, host, isBackendName, parsePort, portOf } from './cluster/ports.ts';
import { createApplication } from './site/application.ts';
import { createStaticSite } from './site/static-site.ts';

const [name, port] = process.argv.slice(2);
if (!isBackendName(name)) {
  console.error(`Which backend? One of ${backendNames.join(', ')}`);
  process.exit(1);
}

followParent();
const server = createServer();
if (name === 'static1' || name === 'static2') server.on('request', createStaticSite(name));
else createApplication(name, server);

const actual = await listen(server, port === undefined ? portOf(name) : parsePort(port));
if (process.send === undefined)
  console.log(`${name} on http://${host}:${actual} (pid ${process.pid}). Ctrl-C ends it.`);
