// Before and after: the blocks that one request changed, each original beside what went upstream, gaps marked.

import { element } from './dom.mjs';
import { bytes, exact, percent } from './format.mjs';

const GAP_LINE = /^\.\.\. .*\bomitted\b.* \.\.\.$/;
const CLOSING_LINE = /^\[[\d,]+ .* compressed to .*\]$/;

async function get(path) {
  const response = await fetch(path, { cache: 'no-store' });
  if (response.ok) return { value: await response.json() };
  const { detail } = await response.json().catch(() => ({}));
  return { why: detail ?? `The proxy answered ${response.status}.` };
}

export async function showChanges(cell, id) {
  const box = element('div', { class: 'changes' }, element('p', { class: 'note', role: 'status' }, 'Loading'));
  cell.replaceChildren(box);
  const { value, why } = await get(`/dashboard/requests/${encodeURIComponent(id)}`).catch(() => ({ why: 'The proxy does not answer.' }));
  if (!value) {
    box.replaceChildren(element('p', { class: 'note', role: 'status' }, why));
    return;
  }
  const more = value.changed > value.blocks.length ? `; the latest ${value.blocks.length} are shown` : '';
  box.replaceChildren(element('p', { class: 'note' }, `${exact(value.changed)} changed in request ${id}${more}. Those decided in it come first.`));
  value.blocks.forEach((block, at) => box.append(blockOf(block, `/dashboard/requests/${encodeURIComponent(id)}/${at}`)));
  if (value.blocks.length > 0) box.querySelector('details').open = true;
}

function blockOf({ rule, tokens_before: before, tokens_after: after, fresh }, path) {
  const head = element('summary', {}, element('b', {}, rule || 'no longer kept'), ` ${exact(before)} to ${exact(after)} tokens, ${percent(before - after, before)} less${fresh ? '' : ', as decided earlier'}`);
  const made = element('details', { class: 'block' }, head);
  let asked = false;
  made.addEventListener('toggle', async () => {
    if (!made.open || asked) return;
    asked = true;
    const { value, why } = await get(path).catch(() => ({ why: 'The proxy does not answer.' }));
    if (!value) made.append(element('p', { class: 'note' }, why));
    for (const piece of value?.pieces ?? []) made.append(viewsOf(piece));
  });
  return made;
}

function viewsOf({ hash, tool, original, original_bytes: size, rendition, rendition_bytes: left, gaps }) {
  const views = element('div', { class: 'views' });
  const title = tool ? `Original, from ${tool}` : 'Original';
  views.append(
    viewOf(`${title}, ${bytes(size)}`, original, originalParts, gaps, 'The original is no longer kept.'),
    viewOf(`What went upstream, ${bytes(left)}`, rendition, renditionParts, gaps, 'Made when the conversation was shortened to fit; only the original is kept by itself.'),
  );
  views.dataset.hash = hash;
  return views;
}

function viewOf(title, text, parts, gaps, none) {
  const heading = element('h3', {}, title);
  if (text === null) return element('div', {}, heading, element('p', { class: 'note' }, none));
  const box = element('div', { class: 'text', role: 'region', 'aria-label': title, tabindex: '0' });
  box.append(...parts(text, gaps));
  return element('div', {}, heading, box);
}

// Lines that the rendition leaves out are folded where they stand.
function originalParts(text, gaps) {
  const lines = text.split('\n');
  const parts = [];
  let at = 0;
  const upTo = (end) => {
    if (end > at) parts.push(element('pre', {}, lines.slice(at, end).join('\n')));
  };
  for (const { unit, first, last } of gaps) {
    if (!unit.startsWith('line') || first - 1 < at || last > lines.length) continue;
    upTo(first - 1);
    const words = `Left out: ${first === last ? `line ${exact(first)}` : `lines ${exact(first)} to ${exact(last)}`}`;
    parts.push(element('details', { class: 'gone' }, element('summary', {}, words), element('pre', {}, lines.slice(first - 1, last).join('\n'))));
    at = last;
  }
  upTo(lines.length);
  return parts;
}

function renditionParts(text) {
  const pre = element('pre');
  let plain = [];
  const flush = () => {
    if (plain.length > 0) pre.append(`${plain.join('\n')}\n`);
    plain = [];
  };
  for (const line of text.split('\n')) {
    if (GAP_LINE.test(line.trim()) || CLOSING_LINE.test(line)) {
      flush();
      pre.append(element('mark', {}, line), '\n');
    } else {
      plain.push(line);
    }
  }
  flush();
  return [pre];
}
