// Makes the pictures of the dashboard that the documents show, from a proxy with simulated agents at work.
//
//   node screenshots.mjs FOLDER     dashboard-light.png, dashboard-dark.png, dashboard-phone.png

import { join } from 'node:path';

import { fail, readLog, work } from './e2e/support/agents_at_work.mjs';
import { openPage, startBrowser } from './e2e/support/browser.mjs';
import { startProxy } from './e2e/support/proxy.mjs';
import { startProvider } from './provider/provider.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node screenshots.mjs FOLDER');

const PICTURES = {
  light: { width: 1280, height: 1000 },
  dark: { width: 1280, height: 820, scheme: 'dark', unfold: true },
  phone: { width: 390, height: 1400, scheme: 'dark' },
};

const provider = await startProvider({ tokenizer: 'bpe' });
const proxy = await startProxy({ provider });
const browser = await startBrowser();
try {
  await work({ provider, proxy });
  await fail({ provider, proxy });
  await readLog({ provider, proxy, lines: 160 });
  for (const [name, { unfold = false, ...options }] of Object.entries(PICTURES)) {
    const page = await openPage(browser, `${proxy.url}/dashboard`, options);
    await page.waitForSelector('#recent .blocks');
    if (unfold) {
      await page.click('#recent .blocks');
      await page.waitForSelector('.views');
      await page.$eval('#recent', (table) => table.closest('section').scrollIntoView());
    }
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(folder, `dashboard-${name}.png`), optimizeForSpeed: false });
    await page.close();
  }
} finally {
  await browser.close();
  await proxy.stop();
  await provider.close();
}
