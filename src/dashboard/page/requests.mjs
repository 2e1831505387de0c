// The last requests; one with changed blocks unfolds to show them.

import { showChanges } from './changes.mjs';
import { byId, element, fillTable, setText } from './dom.mjs';
import { compact, duration, exact, money, percent, plural, timeOf } from './format.mjs';

const FEW = 12;

const COLUMNS = [
  { title: 'Time', class: 'left' },
  { title: 'Model', class: 'left model' },
  { title: 'Client', class: 'left wide' },
  { title: 'Sent', class: 'middle' },
  { title: 'Saved' },
  { title: 'Cost', class: 'wide' },
  { title: 'Took', class: 'wide' },
  { title: 'Status', class: 'middle' },
  { title: 'Changed' },
];

let all = false;
let newest;

export function setUpRequests() {
  byId('recent-more').addEventListener('click', () => {
    all = !all;
    setText(byId('recent-more'), all ? 'Show the latest' : 'Show all');
    showRequests(newest);
  });
}

const statusOf = ({ status, outcome }) => (status === 0 ? 'no answer' : `${status}${outcome && status < 400 ? ', cut' : ''}`);

function cellsOf(one) {
  const { amounts } = one;
  return [
    timeOf(one.unix_millis / 1000),
    one.model || one.path,
    one.client,
    { text: amounts.prompt > 0 ? compact(amounts.prompt) : '–', title: `${exact(amounts.prompt)} tokens` },
    { text: amounts.saved > 0 ? `${compact(amounts.saved)} (${percent(amounts.saved, amounts.saved + amounts.prompt)})` : '–', value: amounts.saved },
    amounts.priced > 0 ? money(amounts.cost_usd) : '–',
    duration(amounts.total_ms),
    { text: statusOf(one), bad: one.status === 0 || one.status >= 400 || one.outcome !== '' },
    one.changed === 0 ? '–' : '',
  ];
}

function unfold(row, one, button) {
  const open = row.nextSibling?.classList?.contains('panel');
  button.setAttribute('aria-expanded', String(!open));
  if (open) {
    row.nextSibling.remove();
    return;
  }
  const cell = element('td', { colspan: String(COLUMNS.length) });
  row.after(element('tr', { class: 'panel' }, cell));
  showChanges(cell, one.id);
}

export function showRequests(data) {
  newest = data;
  const { recent } = data;
  const open = new Set([...byId('recent').querySelectorAll('[aria-expanded=true]')].map((button) => button.closest('tr').dataset.key));
  const shown = recent.filter((one, at) => all || at < FEW || open.has(one.id));
  const rows = fillTable(byId('recent'), COLUMNS, shown.map((one) => ({ key: one.id, cells: cellsOf(one) })));
  for (const one of shown) {
    const row = rows.get(one.id);
    const cell = row.lastElementChild;
    if (one.changed === 0 || cell.firstElementChild) continue;
    const words = plural(one.changed, 'block');
    const button = element('button', { type: 'button', class: 'quiet blocks', 'aria-expanded': 'false', 'aria-label': `${words} changed at ${timeOf(one.unix_millis / 1000)}: before and after` });
    button.append(exact(one.changed), element('span', { class: 'middle' }, ` ${one.changed === 1 ? 'block' : 'blocks'}`));
    button.addEventListener('click', () => unfold(row, one, button));
    cell.replaceChildren(button);
  }
  byId('recent-more').hidden = recent.length <= FEW;
}
