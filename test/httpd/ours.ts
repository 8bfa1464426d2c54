import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import type { BalancerError } from '../../src/index.ts';
import type { HttpdConf, HttpdConfOptions } from '../../src/httpd-conf/httpd-conf.ts';
import { mountHttpdConf } from '../../src/httpd-conf/mount/mount-httpd-conf.ts';
import { readHttpdConf } from '../../src/httpd-conf/read-httpd-conf.ts';

/** An Express app with a configuration of httpd. */
export type Ours = Readonly<{ port: number; conf: HttpdConf; stop(): Promise<void> }>;

/** Serves a configuration, which `write` makes for the port, in an app of Express with nothing else in it. */
export async function startOurs(
  write: (port: number) => string,
  options: HttpdConfOptions = {},
): Promise<Ours> {
  const app = express();
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const conf = readHttpdConf(write(port), options);
    // Whom the configuration lets in: the manager's own door is not httpd's.
    const mounted = mountHttpdConf(app, conf, { logger: false, manager: { authorize: () => true } });
    const page: ErrorRequestHandler = (error: BalancerError, _req, res, _next) => {
      res.status(error.status).json({ code: error.code, message: error.message });
    };
    app.use(page);
    return {
      port,
      conf,
      async stop() {
        await mounted.close();
        server.closeAllConnections();
        server.close();
      },
    };
  } catch (error) {
    server.close();
    throw error;
  }
}
