// Budgets: what is spent of each, as a bar with its words.

import { byId, element, setText } from './dom.mjs';
import { dayTimeOf, money, percent } from './format.mjs';

const NEAR = 0.7;
const OVER = 0.9;

function budgetOf(name) {
  const spent = element('span', { class: 'part' });
  const left = element('span');
  const made = element('div', { class: 'budget', 'data-name': name }, element('p', { class: 'words' }), element('div', { class: 'bar', 'aria-hidden': 'true' }, spent, left));
  byId('budgets').append(made);
  return made;
}

function show(box, { name, period, limit_usd: limit, spent_usd: spent, ends_at: ends }) {
  const share = limit > 0 ? spent / limit : 1;
  const words = share >= 1 ? 'used up' : share > OVER ? 'nearly used up' : share > NEAR ? 'most is used' : 'within it';
  setText(
    box.querySelector('.words'),
    `${name}: ${money(spent)} of ${money(limit)} ${period} (${percent(spent, limit)}), ${words}. A new period begins ${dayTimeOf(ends)}.`,
  );
  const [part, rest] = box.querySelector('.bar').children;
  part.className = `part ${share > OVER ? 'over' : share > NEAR ? 'near' : 'saved'}`;
  part.style.flexGrow = String(Math.min(1, share));
  rest.style.flexGrow = String(Math.max(0, 1 - share));
}

export function showBudgets({ budgets }) {
  byId('budgets-card').hidden = budgets.length === 0;
  const names = new Set(budgets.map(({ name }) => name));
  for (const box of [...byId('budgets').children]) if (!names.has(box.dataset.name)) box.remove();
  for (const budget of budgets) {
    const box = [...byId('budgets').children].find(({ dataset }) => dataset.name === budget.name) ?? budgetOf(budget.name);
    show(box, budget);
  }
}
