import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const isThere = existsSync(executablePath);

/** Chromium talks to nobody but the test's own servers. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Groups tests that need a browser. Where there is none they are skipped, by name; not so in CI. */
export function describeInBrowser(name: string, tests: (browser: () => Browser) => void): void {
  if (!isThere && process.env['CI'] !== 'true') {
    console.warn(
      `Left out: "${name}". There is no browser at ${executablePath}: install Chromium (Debian: apt-get install chromium), ` +
        'or say by CHROMIUM=/path/to/it where one is.',
    );
    test.skip(name, () => undefined);
    return;
  }
  describe(name, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args, headless: true });
    });
    afterAll(async () => {
      await browser?.close();
    });
    tests(() => browser!);
  });
}

/** A page, and everything that has gone wrong in it. */
export type Tab = Readonly<{
  page: Page;
  /** Errors in the console, uncaught ones, and what the page's CSP has refused. */
  faults: readonly string[];
  close(): Promise<void>;
}>;

/** Opens a page in a context of its own: own cookies, own looks. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  return { page, faults, close: () => context.close() };
}

const pictures = new URL('../../build/screenshots/', import.meta.url);

/** Takes a picture of what is seen, into the build output. */
export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: new URL(`${name}.png`, pictures).pathname });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Violation = Readonly<{
  id: string;
  nodes: readonly Readonly<{ html: string; failureSummary?: string }>[];
}>;

/** What axe-core finds wrong with a page, in words. */
export async function findViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const violations = await page.evaluate<readonly Violation[]>(
    'axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }).then(({ violations }) => violations)',
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}
