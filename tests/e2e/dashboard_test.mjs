// The dashboard in a real browser, with traffic behind it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';

import { fail, ODD_LINE, readLog, work } from './support/agents_at_work.mjs';
import { openPage, startBrowser } from './support/browser.mjs';
import { originalId } from './support/compare.mjs';
import { connect, open, request } from './support/http.mjs';
import { startPair } from './support/pair.mjs';
import { startProxy } from './support/proxy.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WAIT = { timeout: 20_000 };

const { provider, proxy } = await startPair({ simulation: { tokenizer: 'bpe' } });
const browser = await startBrowser();
after(() => browser.close());

const address = `${proxy.url}/dashboard`;
const opened = async (t, options) => {
  const page = await openPage(browser, address, options);
  t.after(() => page.close());
  return page;
};
const textOf = (page, selector) => page.$eval(selector, (element) => element.textContent.trim());
const stats = async () => (await request({ url: `${proxy.url}/stats` })).json();
const shown = (page, words) =>
  page.waitForFunction((text) => document.body.innerText.includes(text), WAIT, words);

// The figure of a row of the table of totals, in its last column.
const total = (page, row) =>
  page.$eval(`#totals tr[data-key="${row}"] td:last-child`, (cell) => ({ text: cell.textContent, value: Number(cell.dataset.value) }));
const settled = async (page) => {
  const { requests } = await stats();
  await page.waitForFunction(
    (count) => document.querySelector('#totals tr[data-key="Requests"] td:last-child')?.dataset.value === String(count),
    WAIT,
    requests.total,
  );
};

async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html.slice(0, 120)} ${node.failureSummary}`).join(' | ')}`);
}

describe('the dashboard before the first request', () => {
  it('says that nothing came through yet and how to send something', async (t) => {
    const page = await opened(t);
    await shown(page, 'Nothing has come through yet');
    assert.equal(await textOf(page, '#state'), 'Waiting for requests');
    assert.equal(await textOf(page, '#start-claude'), `ANTHROPIC_BASE_URL=${proxy.url} claude`);
    assert.equal(await page.$eval('#figures', (element) => element.hidden), true);
    assert.deepEqual(await axe(page), []);
  });

  it('shows the first requests by itself, and says why nothing is saved', async (t) => {
    const page = await opened(t);
    await shown(page, 'Live');
    await fail({ provider, proxy, status: 400 });
    await shown(page, 'Nothing saved yet, because no request was answered; see Errors below.');
    await request({
      url: `${proxy.url}/v1/messages`,
      method: 'POST',
      headers: [['x-api-key', 'sk-1'], ['anthropic-version', '2023-06-01'], ['content-type', 'application/json']],
      body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    await shown(page, 'Nothing saved yet, because no tool result has come through yet');
    assert.equal(await textOf(page, '#state'), 'Nothing saved yet');
  });
});

describe('the dashboard of agents at work', () => {
  it('shows the figures of /stats, live', async (t) => {
    const page = await opened(t);
    await shown(page, 'Live');
    await work({ provider, proxy });
    await fail({ provider, proxy });
    await settled(page);
    const { requests, tokens } = await stats();
    assert.equal((await total(page, 'Failed')).value, requests.failed);
    assert.equal((await total(page, 'Tokens saved')).value, tokens.saved);
    assert.equal((await total(page, 'Tokens saved')).text, tokens.saved.toLocaleString('en'));
    assert.equal((await total(page, 'Prompt tokens sent')).value, tokens.input);
    assert.equal((await total(page, 'Output tokens')).value, tokens.output);
    assert.ok(tokens.saved > 10_000);
    assert.equal(Number(await page.$eval('#saved-tokens', (element) => element.dataset.value)), tokens.saved);
    const models = await page.$$eval('#models tbody tr', (rows) => rows.map((row) => [row.cells[0].textContent, Number(row.cells[1].textContent)]));
    assert.deepEqual(
      Object.fromEntries(models.filter(([name]) => name !== 'claude-sonnet-4-5')),
      Object.fromEntries(Object.entries(requests.by_model).filter(([name]) => name !== 'claude-sonnet-4-5')),
    );
    const clients = await page.$$eval('#clients tbody tr', (rows) => rows.map((row) => row.cells[0].textContent));
    for (const name of ['Claude Code', 'Codex', 'OpenAI SDK']) assert.ok(clients.includes(name), name);
    const cached = Math.round((100 * tokens.cache_read) / tokens.input);
    assert.equal(await textOf(page, '#cache-rate'), `${cached} %`);
    assert.equal(await textOf(page, '#state'), 'Working');
    assert.match(await textOf(page, '#errors'), /529.*the provider’s own answer/);
    assert.equal(await textOf(page, '#retrievals tr[data-key="Searched"] td'), '1');
    assert.deepEqual(page.faults(), []);
  });

  it('shows a changed block before and after, with its gaps', async (t) => {
    const { log } = await readLog({ provider, proxy, lines: 140 });
    const page = await opened(t);
    await settled(page);
    await page.click('#recent .blocks');
    await page.waitForSelector(`.views[data-hash="${originalId(log)}"]`, WAIT);
    const [original, rendition] = await page.$$eval(`.views[data-hash="${originalId(log)}"] .text`, (boxes) => boxes.map((box) => box.textContent));
    const forwarded = provider.requests().at(-1).json();
    const sent = forwarded.messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])).find(({ type }) => type === 'tool_result');
    const sentText = typeof sent.content === 'string' ? sent.content : sent.content[0].text;
    assert.equal(rendition.trimEnd(), sentText.trimEnd());
    // All of the original's lines are there, the folded ones too, each once.
    const lines = log.trimEnd().split('\n');
    for (const line of lines) assert.ok(original.includes(line), line);
    assert.ok(original.includes(ODD_LINE));
    const folded = await page.$$eval(`.views[data-hash="${originalId(log)}"] .gone`, (gaps) =>
      gaps.map((gap) => [gap.querySelector('summary').textContent, gap.querySelector('pre').textContent.split('\n').length]),
    );
    const marks = await page.$$eval(`.views[data-hash="${originalId(log)}"] mark`, (all) => all.map((mark) => mark.textContent));
    const gaps = [...sentText.matchAll(/\.\.\. lines (\d+)-(\d+) omitted/g)].map(([, first, last]) => [Number(first), Number(last)]);
    assert.ok(gaps.length > 0);
    assert.deepEqual(folded, gaps.map(([first, last]) => [`Left out: lines ${first} to ${last}`, last - first + 1]));
    assert.equal(marks.length, gaps.length + 1);
    assert.deepEqual(await axe(page), []);
    await page.click('#recent .blocks');
    assert.equal(await page.$('.views'), null);
    assert.deepEqual(page.faults(), []);
  });

  it('stays unfolded, with its focus, while new figures come', async (t) => {
    const page = await opened(t);
    await page.waitForSelector('#recent .blocks', WAIT);
    await page.focus('#recent .blocks');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.views', WAIT);
    const id = await page.evaluate(() => document.activeElement.closest('tr').dataset.key);
    await readLog({ provider, proxy, lines: 60 });
    await settled(page);
    assert.equal(await page.evaluate(() => document.activeElement.closest('tr').dataset.key), id);
    assert.ok(await page.$('.views'));
  });

  it('everything that can be done is done with the keyboard', async (t) => {
    const page = await opened(t);
    await page.waitForSelector('#recent .blocks', WAIT);
    const seen = [];
    for (let i = 0; i < 120; ++i) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const { activeElement: element } = document;
        const { outlineStyle } = getComputedStyle(element.matches('.choice input') ? element.nextSibling : element);
        return { body: element === document.body, name: element.id || element.name || element.className || element.tagName, outlineStyle };
      });
      if (at.body) break;
      assert.notEqual(at.outlineStyle, 'none', `${at.name} shows no focus`);
      seen.push(at.name);
    }
    assert.equal(seen[0], 'skip');
    for (const name of ['theme', 'metric', 'range', 'recent-more', 'quiet blocks']) assert.ok(seen.includes(name), name);
    // A radio group is one stop; arrows choose in it.
    await page.focus('#range input:checked');
    await page.keyboard.press('ArrowRight');
    await shown(page, '24 hours: ');
    await page.focus('#theme');
    await page.keyboard.press('Enter');
    assert.equal(await textOf(page, '#theme'), 'Theme: light');
    await page.keyboard.press('Space');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await page.keyboard.press('Space');
    assert.equal(await textOf(page, '#theme'), 'Theme: automatic');
  });

  for (const scheme of ['light', 'dark']) {
    it(`is readable for everybody, ${scheme}`, async (t) => {
      const page = await opened(t, { scheme });
      await page.waitForSelector('#recent .blocks', WAIT);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
      assert.equal(Math.max(...background) < 60, scheme === 'dark');
      await page.click('#recent .blocks');
      await page.waitForSelector('.views', WAIT);
      await page.$eval('details.data', (details) => (details.open = true));
      assert.deepEqual(await axe(page), []);
    });
  }

  for (const width of [360, 1024, 3840]) {
    it(`fits ${width} pixels`, async (t) => {
      const page = await opened(t, { width, height: 900 });
      await page.waitForSelector('#recent .blocks', WAIT);
      await page.click('#recent .blocks');
      await page.waitForSelector('.views', WAIT);
      await page.waitForSelector('#chart canvas', WAIT);
      const wide = await page.evaluate(() => {
        const inner = [...document.querySelectorAll('.card, table, .bar, canvas')].filter((element) => element.getBoundingClientRect().right > innerWidth + 1);
        return [document.documentElement.scrollWidth - innerWidth, inner.map((element) => element.id || element.className)];
      });
      assert.deepEqual(wide, [0, []]);
    });
  }

  it('asks now and then where no stream is to be had, and goes on live when one is', async (t) => {
    const page = await openPage(browser, 'about:blank');
    t.after(() => page.close());
    let cut = true;
    await page.setRequestInterception(true);
    page.on('request', (asked) => (cut && asked.url().endsWith('/events') ? asked.abort() : asked.continue()));
    await page.goto(address, { waitUntil: 'domcontentloaded' });
    await shown(page, 'Asking every 3 seconds');
    await readLog({ provider, proxy, lines: 70 });
    await settled(page);
    assert.equal(await page.$eval('#feed', (element) => element.dataset.state), 'asking');
    cut = false;
    await shown(page, 'Live');
  });
});

describe('the dashboard’s paths', () => {
  it('the page names no other host and brings the policy it runs under', async () => {
    const page = await request({ url: address });
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    const policy = page.headers['content-security-policy'];
    assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+' 'sha256-[^']+'; style-src 'sha256-[^']+'; /);
    assert.doesNotMatch(policy, /unsafe|https?:/);
    assert.equal(page.headers['cache-control'], 'no-store');
    const tags = page.text().match(/<(?:script|link|img|iframe)\b[^>]*(?:src|href)="(?!data:|#)[^"]*"/g);
    assert.equal(tags, null);
  });

  it('knows no other path, method, request or block', async () => {
    const { recent } = (await request({ url: `${address}/data` })).json();
    const { id, changed } = recent.find((one) => one.changed > 0);
    const statusOf = async (path, method = 'GET') => (await request({ url: address + path, method })).status;
    assert.equal(await statusOf(`/requests/${id}`), 200);
    assert.equal(await statusOf(`/requests/${id}/${changed - 1}`), 200);
    for (const path of ['/nothing', '/requests/', '/requests/x', `/requests/${id}/${changed}`, `/requests/${id}/-1`, `/requests/${id}/x`]) {
      assert.equal(await statusOf(path), 404, path);
    }
    assert.equal(await statusOf('/data', 'POST'), 405);
  });

  it('no more than 16 streams are open; who comes later asks for the data', async () => {
    const streams = [];
    for (let i = 0; i < 16; ++i) {
      const stream = await open({ url: `${address}/events`, fresh: true });
      assert.equal(stream.incoming.statusCode, 200);
      streams.push(stream);
    }
    const one = await request({ url: `${address}/events`, fresh: true });
    assert.deepEqual([one.status, one.headers['retry-after']], [503, '10']);
    assert.equal((await request({ url: `${address}/data` })).status, 200);
    streams.forEach(({ outgoing }) => outgoing.destroy());
    // The place of one that has gone is free again.
    for (let i = 0; ; ++i) {
      const again = await open({ url: `${address}/events`, fresh: true });
      again.outgoing.destroy();
      if (again.incoming.statusCode === 200) break;
      assert.ok(i < 200, 'no place became free');
      await new Promise((done) => setTimeout(done, 50));
    }
  });

  it('figures, errors and names in them are JSON whatever clients call themselves', async () => {
    const socket = connect(proxy.port);
    socket.send('POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \xff\xfe"x"\r\nx-api-key: k\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}');
    await socket.closed;
    const data = await request({ url: `${address}/data` });
    assert.ok(JSON.parse(data.text()).recent.length > 0);
  });

  it('streams end when the proxy drains, at once', async (t) => {
    const own = await startProxy({ provider });
    t.after(() => own.kill().catch(() => {}));
    const { incoming } = await open({ url: `${own.url}/dashboard/events`, fresh: true });
    const ended = new Promise((done) => incoming.on('end', () => done('whole')).on('error', () => done('cut')));
    incoming.resume();
    assert.equal(await own.stop(), 0);
    assert.equal(await ended, 'whole');
  });
});
