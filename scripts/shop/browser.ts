import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { Run } from '../../sandbox/run.ts';

/* A real Chromium, from npm, for tests of what people see. */

export interface Visitor {
  page: Page;
  /** What a page complained about: `409 /orders` for an answer, the text for everything else. Taking them empties the list. */
  complaints(): string[];
  /** Opens a path of the shop as from a link, and waits until nothing is being loaded. */
  open(path: string): Promise<void>;
  /** Waits until the page shows the text. */
  see(text: string): Promise<void>;
  /** Clicks what has this role and name to a screen reader. */
  press(name: string, role?: string, times?: number): Promise<void>;
  /** Writes into the field of that label. */
  fill(label: string, text: string): Promise<void>;
  /** The path and query that the page is at. */
  path(): string;
}

/** The browser ends with the run. */
export async function openBrowser(run: Run): Promise<Browser> {
  return puppeteer.launch({
    executablePath: await unpack(join(run.folder, 'tmp')),
    headless: 'shell',
    // Root may not use the sandbox, and what is opened here is our own.
    args: ['--no-sandbox', '--no-zygote', '--disable-dev-shm-usage'],
    env: run.environment(),
    userDataDir: join(run.folder, 'browser'),
  });
}

/** The package unpacks its Chromium into the folder for temporary files, wherever that is. */
async function unpack(folder: string): Promise<string> {
  const { default: chromium } = await import('@sparticuz/chromium');
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    return await chromium.executablePath();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/** Somebody with cookies and a basket of their own. */
export async function visit(
  browser: Browser,
  shopOrigin: string,
  { width = 1280, height = 900 }: { width?: number; height?: number } = {},
): Promise<Visitor> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);

  let complaints: string[] = [];
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('console', message => {
    if (!['error', 'warn'].includes(message.type())) return;
    const status = /responded with a status of (\d+)/.exec(message.text())?.[1];
    const { url } = message.location();
    complaints.push(status && url ? `${status} ${new URL(url).pathname}` : message.text());
  });

  // An amount is held together by a space that does not break.
  const accessible = (name: string, role: string) =>
    `::-p-aria([name="${name.replace(/CHF (?=\d)/g, 'CHF\u00a0')}"][role="${role}"])`;
  return {
    page,
    complaints: () => {
      const said = complaints;
      complaints = [];
      return said;
    },
    open: async path => {
      await page.goto(shopOrigin + path, { waitUntil: 'networkidle0' });
    },
    see: async text => {
      // Text, because this program's types know no document.
      const shown = 'document.body.innerText.replaceAll(/\\s+/g, " ")';
      await page.waitForFunction(`${shown}.includes(${JSON.stringify(text)})`).catch(async error => {
        const instead = await page.evaluate(shown);
        throw new Error(`“${text}” is not shown at ${page.url()}, but: ${instead}`, { cause: error });
      });
    },
    press: (name, role = 'button', times = 1) => page.locator(accessible(name, role)).click({ count: times }),
    fill: async (label, text) => {
      await page.locator(accessible(label, 'textbox')).fill(text);
    },
    path: () => page.url().slice(shopOrigin.length),
  };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page that somebody would stumble over. */
export async function stumblingBlocks({ page }: Visitor): Promise<string[]> {
  await page.evaluate(axe);
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as {
    id: string;
    impact: string;
    nodes: { html: string; failureSummary: string }[];
  }[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html} ${node.failureSummary}`));
}

export const themes = ['light', 'dark'] as const;

export const lookIn = ({ page }: Visitor, theme: (typeof themes)[number]): Promise<void> =>
  page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: theme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);

/** The same in both themes, and back in the light one. */
export async function stumblingBlocksInBoth(visitor: Visitor): Promise<string[]> {
  await lookIn(visitor, 'dark');
  const dark = await stumblingBlocks(visitor);
  await lookIn(visitor, 'light');
  return [...dark, ...(await stumblingBlocks(visitor))];
}

export const password = 'four words make one';

/** Registers as the page has it, and logs in. Whoever came from somewhere is back there. */
export async function register(visitor: Visitor, email: string): Promise<void> {
  const { press, fill, see } = visitor;
  await press('Register', 'link');
  await fill('Your name', 'Ada Lovelace');
  await fill('E-mail address', email);
  await fill('Password', password);
  await press('Register');
  await see('Almost there');
  await fill('Password', password);
  await pastLogin(visitor);
}

export async function logIn(visitor: Visitor, login: { email: string; password: string }): Promise<void> {
  await visitor.fill('E-mail address', login.email);
  await visitor.fill('Password', login.password);
  await pastLogin(visitor);
}

async function pastLogin({ page, press, see }: Visitor): Promise<void> {
  await press('Log in');
  await page.waitForFunction("location.pathname !== '/login'");
  await see('Log out');
}
