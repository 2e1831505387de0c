// The figures of each card.

import { byId, fillTable, setShares, setText } from './dom.mjs';
import { bytes, compact, dateOf, dayTimeOf, duration, exact, money, percent, plural, timeOf } from './format.mjs';

const costOr = (amounts) => (amounts.priced > 0 ? money(amounts.cost_usd) : '–');
const netOr = (amounts) => (amounts.netted > 0 ? money(amounts.net_usd) : '–');

export function showHero({ totals }) {
  const { today } = totals;
  setText(byId('saved-tokens'), compact(today.saved));
  byId('saved-tokens').dataset.value = String(today.saved);
  byId('saved-tokens').title = `${exact(today.saved)} tokens`;
  byId('saved-money-box').hidden = today.netted === 0;
  setText(byId('saved-money'), money(today.net_usd));
  byId('saved-money').dataset.value = String(today.net_usd);
  byId('saved-money').classList.toggle('negative', today.net_usd < 0);
  byId('share').hidden = today.saved + today.prompt === 0;
  setShares({ 'share-sent': today.prompt, 'share-saved': today.saved });
  setText(byId('share-sent-text'), compact(today.prompt));
  setText(byId('share-saved-text'), `${compact(today.saved)} (${percent(today.saved, today.saved + today.prompt)})`);
}

const TOTALS = [
  ['Requests', (of) => [exact(of.requests), of.requests]],
  ['Failed', (of) => [exact(of.failed), of.failed]],
  ['Prompt tokens sent', (of) => [exact(of.prompt), of.prompt]],
  ['Tokens saved', (of) => [exact(of.saved), of.saved]],
  ['Output tokens', (of) => [exact(of.output), of.output]],
  ['Cost', (of) => [costOr(of), of.cost_usd]],
  ['Net saved', (of) => [netOr(of), of.net_usd]],
];

export function showTotals({ totals, started }) {
  const spans = [totals.today, totals.week, totals.all];
  const rows = TOTALS.map(([name, of]) => ({
    key: name,
    cells: [name, ...spans.map((span) => ({ text: of(span)[0], value: of(span)[1] }))],
  }));
  fillTable(byId('totals'), [{ title: 'Figure', class: 'left' }, { title: 'Today' }, { title: '7 days', class: 'middle' }, { title: 'Since start' }], rows);
  setText(byId('totals-note'), `headroom was started ${dateOf(started)}, ${timeOf(started)}. A request’s saving counts each time that it is sent.`);
}

function showNames(id, title, named) {
  const rows = [...named].sort((a, b) => b.amounts.saved - a.amounts.saved || b.amounts.requests - a.amounts.requests);
  const most = Math.max(1, ...rows.map(({ amounts }) => amounts.saved));
  fillTable(
    byId(id),
    [{ title, class: 'left' }, { title: 'Requests' }, { title: 'Sent', class: 'middle' }, { title: 'Saved' }, { title: 'Cost', class: 'middle' }],
    rows.map(({ name, amounts }) => ({
      key: name,
      cells: [
        name,
        exact(amounts.requests),
        compact(amounts.prompt),
        { text: `${compact(amounts.saved)} (${percent(amounts.saved, amounts.saved + amounts.prompt)})`, value: amounts.saved, bar: amounts.saved / most },
        costOr(amounts),
      ],
    })),
  );
}

export function showModelsAndClients({ models, clients }) {
  showNames('models', 'Model', models);
  showNames('clients', 'Client', clients);
}

const CAUSES = {
  system_volatile: 'a date, time or number in the system prompt changed',
  system_edited: 'the system prompt changed',
  tools_reordered: 'the tools came in another order',
  tools_edited: 'the tools changed',
  history_edited: 'the client edited its history',
  ttl_passed: 'the cache’s time had passed',
  epoch: 'headroom made the conversation fit its window',
  retrieval_lost: 'what headroom had answered was no longer kept',
  unknown: 'unknown',
};

export function showCache({ totals, causes }) {
  const { all } = totals;
  setText(byId('cache-rate'), percent(all.cache_read, all.prompt));
  setShares({ 'cache-read': all.cache_read, 'cache-write': all.cache_write, 'cache-plain': all.input });
  setText(byId('cache-read-text'), compact(all.cache_read));
  setText(byId('cache-write-text'), compact(all.cache_write));
  setText(byId('cache-plain-text'), compact(all.input));
  const rows = Object.entries(causes).sort((a, b) => b[1].tokens - a[1].tokens);
  byId('causes').hidden = rows.length === 0;
  byId('causes-none').hidden = rows.length > 0;
  fillTable(
    byId('causes'),
    [{ title: 'Cause', class: 'left' }, { title: 'Requests' }, { title: 'Tokens lost' }],
    rows.map(([cause, { requests, tokens }]) => ({ key: cause, cells: [CAUSES[cause] ?? cause.replaceAll('_', ' '), exact(requests), compact(tokens)] })),
  );
}

export function showLatency({ latency }) {
  setText(byId('overhead'), duration(latency.overhead.p50));
  const rows = [
    ['headroom’s own work', latency.overhead],
    ['Provider, to the first byte', latency.first_byte],
    ['Whole exchange', latency.total],
  ];
  fillTable(
    byId('latency'),
    [{ title: 'Where', class: 'left' }, { title: 'Half within' }, { title: '95 of 100 within' }],
    rows.map(([name, { p50, p95 }]) => ({ key: name, cells: [name, duration(p50), duration(p95)] })),
  );
}

export function showRetrievals({ retrievals, originals, totals }) {
  setText(
    byId('retrievals-note'),
    `${plural(originals.count, 'original')} kept, ${bytes(originals.bytes)} of text in ${bytes(originals.stored_bytes)} of ${bytes(originals.budget_bytes)}.`,
  );
  const rows = [
    ['Opened whole', exact(retrievals.full)],
    ['Searched', exact(retrievals.search)],
    ['Asked for and not kept', exact(retrievals.missed)],
    ['Replies continued for it', `${exact(retrievals.rounds)} (${percent(retrievals.rounds, totals.all.requests)} of requests)`],
  ];
  fillTable(byId('retrievals'), [{ title: 'How', class: 'left' }, { title: 'Times' }], rows.map(([name, text]) => ({ key: name, cells: [name, text] })));
}

export function showDecided({ decided }) {
  const rows = Object.entries(decided).sort((a, b) => b[1] - a[1]);
  byId('decided').hidden = rows.length === 0;
  byId('decided-none').hidden = rows.length > 0;
  fillTable(byId('decided'), [{ title: 'Rule or reason', class: 'left' }, { title: 'Results' }], rows.map(([rule, count]) => ({ key: rule, cells: [rule, exact(count)] })));
}

export function showErrors({ errors, statuses, failures }) {
  const sums = [...Object.entries(statuses), ...Object.entries(failures)];
  byId('errors-none').hidden = sums.length > 0;
  byId('errors-sum').hidden = sums.length === 0;
  const list = (counts) => Object.entries(counts).map(([name, count]) => `${name.replaceAll('_', ' ')} ${exact(count)}`).join(', ');
  const parts = [];
  if (Object.keys(statuses).length > 0) parts.push(`Exchanges: ${list(statuses)}.`);
  if (Object.keys(failures).length > 0) parts.push(`Blocks sent as they came, by reason: ${list(failures)}.`);
  setText(byId('errors-sum'), parts.join(' '));
  byId('errors').hidden = errors.length === 0;
  fillTable(
    byId('errors'),
    [{ title: 'Time', class: 'left' }, { title: 'Status', class: 'left' }, { title: 'Path', class: 'left wide' }, { title: 'What happened', class: 'left wrap' }],
    errors.map((one) => ({
      key: one.id,
      cells: [dayTimeOf(one.unix_millis / 1000), one.status === 0 ? 'none' : String(one.status), one.path, one.outcome || 'the provider’s own answer'],
    })),
  );
}
