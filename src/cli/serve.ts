import { setTimeout } from 'node:timers/promises';
import { format } from 'node:util';
import type { Logger } from '../definition/definition.ts';
import type { HttpdConf } from '../httpd-conf/httpd-conf.ts';
import { createHttpdHandler } from '../httpd-conf/mount/handler.ts';
import { openFrontDoor, type FrontDoor } from './front-door.ts';
import { ExitCode, type Io, type Signal } from './io.ts';
import { parseAddress, printAddress, readListen, type Address } from './listen-address.ts';
import { count, createPaint, printLinesSafely } from './paint.ts';
import type { Call } from './parse-call.ts';
import { printMounts } from './print-mounts.ts';
import { printNotices, printSum, sumUp } from './print-notices.ts';
import { readConf } from './read-conf.ts';
import { serveRequest } from './serve-request.ts';
import { createSite, type Site } from './site.ts';
import { tellFailure } from './tell-failure.ts';

/** How long requests may go on when the server ends, or when its configuration is replaced. */
const graceMs = 30_000;

/** `serve`: runs a configuration until it is told to end. */
export async function runServe({ file, values }: Call<'serve'>, io: Io): Promise<ExitCode> {
  const given = values.listen?.map(parseAddress);
  const read = (): Promise<HttpdConf> => readConf(file, values, io);
  const logger = createLogger(io);
  const conf = await read();
  const site = createSite(createHttpdHandler(conf, { logger }));
  const log = (line: string): void => {
    io.out(`${line}\n`);
  };
  let door: FrontDoor;
  try {
    door = await openFrontDoor(given ?? chooseAddresses(conf, io), (req, res) => {
      serveRequest(site.now(), req, res, values.log ? log : undefined);
    });
  } catch (error) {
    await site.close(0);
    throw error;
  }
  // Listens for signals before it says that it is there: whoever waits for that may send one at once.
  const serving: Serving = { read: file === '-' ? undefined : read, given, site, door, logger, io };
  const told = untilTold(io, () => reload(serving));
  tellConf(conf, io);
  tellAddresses(door, io);
  await told;
  return endServing(door, site, io);
}

/** What balancers warn of stands among the messages. */
function createLogger(io: Io): Logger {
  const tell = (...words: unknown[]): void => {
    io.err(`${printLinesSafely(format(...words))}\n`);
  };
  return { info: tell, warn: tell, error: tell };
}

/** Where the configuration says, but for what is for TLS. */
function chooseAddresses(conf: HttpdConf, io: Io): readonly Address[] {
  const { addresses, notServed } = readListen(conf);
  for (const { address, port, place } of notServed) {
    const where = printAddress({ address, port });
    io.err(
      `${place.file}:${place.line}: ${where} is for https, which serve does not speak: not listened at\n`,
    );
  }
  return addresses;
}

function tellConf({ mounts, notices }: HttpdConf, io: Io): void {
  const paint = createPaint(io.isColoured.err);
  io.err(
    printNotices(
      notices.filter(({ kind }) => kind !== 'taken'),
      paint,
    ),
  );
  io.err(`${printSum(sumUp(notices), paint)}\n`);
  if (mounts.length === 0) io.err('nothing is mounted: every request is answered with 404\n');
  else io.err(`${count(mounts.length, 'mount')}:\n${printMounts(mounts)}`);
}

/** A server that runs. `read`: undefined where the configuration cannot be read again. `given`: where the call says to listen. */
type Serving = Readonly<{
  read: (() => Promise<HttpdConf>) | undefined;
  given: readonly Address[] | undefined;
  site: Site;
  door: FrontDoor;
  logger: Logger;
  io: Io;
}>;

/** A configuration that is wrong is told of, and replaces nothing. */
async function reload({ read, given, site, door, logger, io }: Serving): Promise<void> {
  if (!read) {
    io.err('SIGHUP: standard input cannot be read again; all stays as it was\n');
    return;
  }
  try {
    const conf = await read();
    const handler = createHttpdHandler(conf, { logger });
    try {
      if (!given) await door.move(chooseAddresses(conf, io));
    } catch (error) {
      await handler.close({ grace: 0 });
      throw error;
    }
    site.replace(handler, `${graceMs}ms`);
    tellConf(conf, io);
    tellAddresses(door, io);
    io.err('SIGHUP: read again; new requests are served by it\n');
  } catch (error) {
    const told = tellFailure(error);
    if (told === undefined) throw error;
    io.err(`${printLinesSafely(told)}\nSIGHUP: all stays as it was\n`);
  }
}

function tellAddresses(door: FrontDoor, io: Io): void {
  for (const address of door.addresses()) io.err(`listening on http://${printAddress(address)}\n`);
}

/** Reloads at each SIGHUP, one after the other; resolves when it is told to end, or when a reload fails unforeseen. */
async function untilTold(io: Io, reload: () => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let last = Promise.resolve();
  const off = io.onSignal((signal: Signal) => {
    if (signal === 'SIGHUP') last = last.then(reload).catch(reject);
    else resolve(undefined);
  });
  try {
    await promise;
    await last;
  } finally {
    off();
  }
}

/** Lets requests end for as long as they may, and tells WebSockets to go. A second signal ends them at once. */
async function endServing(door: FrontDoor, site: Site, io: Io): Promise<ExitCode> {
  io.err('ending: requests that are under way may end; another signal ends them at once\n');
  const hurried = Promise.withResolvers<undefined>();
  const off = io.onSignal((signal) => {
    if (signal !== 'SIGHUP') hurried.resolve(undefined);
  });
  const closed = door.close();
  // The balancers serve as before: what still comes on connections that are kept is answered too.
  site.part(graceMs);
  await Promise.race([closed, hurried.promise, setTimeout(graceMs, undefined, { ref: false })]);
  door.cutOff();
  await Promise.all([site.close(0), closed]);
  off();
  return ExitCode.ok;
}
