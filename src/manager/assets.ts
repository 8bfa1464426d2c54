import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
// Under another name: what bundlers put before an app of ES modules declares `createRequire`.
import { createRequire as requireFrom } from 'node:module';
import { styleSheet } from './page/style.ts';
import { ManagerError, type Answer, type Route } from './route.ts';

/** A file as it is sent. */
type Asset = Readonly<{ type: string; body: Uint8Array; etag: string }>;

/** Where what is sent under a name comes from. */
type Source = Readonly<{ type: string; read: () => string | Uint8Array | undefined }>;

const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';

/** Scripts and style sheets of the page. */
export const assetRoutes: readonly Route[] = [
  { method: 'GET', path: '/assets/:file', answer: ({ params, req }) => answerAsset(params, req.headers) },
];

let sources: ReadonlyMap<string, Source> | undefined;
const assets = new Map<string, Asset>();

function answerAsset(
  { file }: Readonly<Record<string, string>>,
  headers: Readonly<{ 'if-none-match'?: string | undefined }>,
): Answer {
  const { type, body, etag } = findAsset(file!);
  // A new version of the package is a new file under the same name: the browser asks each time.
  const fields = { 'Cache-Control': 'private, no-cache', ETag: etag };
  return isKnown(etag, headers['if-none-match'])
    ? { status: 304, type, body: '', headers: fields }
    : { status: 200, type, body, headers: fields };
}

/** The name is only ever looked up: no path of a client's reaches the disk. */
function findAsset(name: string): Asset {
  const known = assets.get(name);
  if (known) return known;
  sources ??= listSources();
  const source = sources.get(name);
  const content = source?.read();
  if (!source || content === undefined) throw new ManagerError('ERR_MANAGER_NOT_FOUND');
  const body = Buffer.from(content);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const asset = { type: source.type, body, etag };
  assets.set(name, asset);
  return asset;
}

function listSources(): ReadonlyMap<string, Source> {
  return new Map<string, Source>([
    ...listScripts().map((name): [string, Source] => [
      name,
      { type: script, read: () => readFileSync(new URL(`./client/${name}`, import.meta.url)) },
    ]),
    ['manager.css', { type: style, read: () => styleSheet }],
    ['uplot.js', { type: script, read: () => readPackaged('uplot/dist/uPlot.esm.js') }],
    ['uplot.css', { type: style, read: () => readPackaged('uplot/dist/uPlot.min.css') }],
  ]);
}

/** What the build has made of `client/`; where nothing is built, or an app is bundled into one file, the page works without script. */
function listScripts(): readonly string[] {
  // A bundled app may have a folder `client` of its own beside it; one of CommonJS has no URL.
  const { url = '' } = import.meta as Partial<ImportMeta>;
  if (!/\/manager\/assets\.[jt]s$/.test(url)) return [];
  return readdirSync(new URL('./client/', import.meta.url)).filter((name) => name.endsWith('.js'));
}

/** Not there in an app that is bundled and installed without its packages. */
function readPackaged(path: string): Uint8Array | undefined {
  try {
    return readFileSync(requireFrom(import.meta.url).resolve(path));
  } catch {
    return undefined;
  }
}

/** RFC 9110 13.1.2. */
function isKnown(etag: string, asked: string | undefined): boolean {
  if (asked === undefined) return false;
  const tags = asked.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
