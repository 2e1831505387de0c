// A real Chromium without a window, and pages that say what they did wrong.
//
//   const browser = await startBrowser();            closed after the file's last test
//   const page = await openPage(browser, url, { width: 1280, height: 800, scheme: 'dark' });
//   page.faults()   what must not be: requests to other hosts, violations of the page's policy, script errors
//
// The program is CHROMIUM, else Debian's.

import { existsSync } from 'node:fs';

import puppeteer from 'puppeteer-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function startBrowser() {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install chromium, or name it in CHROMIUM`);
  return puppeteer.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server', '--disable-background-networking'],
    env: { ...process.env, LANG: 'en_US.UTF-8', LANGUAGE: 'en_US', TZ: 'UTC' },
    protocolTimeout: 60_000,
  });
}

export async function openPage(browser, url, { width = 1280, height = 900, scheme = 'light', scale = 1 } = {}) {
  const page = await browser.newPage();
  const faults = [];
  const { host } = new URL(url);
  await page.setViewport({ width, height, deviceScaleFactor: scale });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (target.protocol !== 'data:' && target.host !== host) faults.push(`request to ${target.href}`);
  });
  page.on('pageerror', (error) => faults.push(`script error: ${error.message}`));
  await page.exposeFunction('reportViolation', (text) => faults.push(`policy: ${text}`));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  page.faults = () => faults;
  return page;
}
