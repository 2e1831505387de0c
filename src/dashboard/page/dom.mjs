// Elements made and changed in place, so that focus and what is unfolded stay.

export const byId = (id) => document.getElementById(id);

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// element('td', { class: 'soft' }, 'text', child)
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// The parts of a bar in proportion.
export function setShares(parts) {
  for (const [id, amount] of Object.entries(parts)) byId(id).style.flexGrow = String(amount);
}

// columns: [{ title, class, scope }]; the head is made once.
function headOf(table, columns) {
  if (table.tHead) return;
  const row = element('tr');
  for (const column of columns) row.append(element('th', { scope: 'col', class: column.class ?? '' }, column.title));
  table.append(element('thead', {}, row), element('tbody'));
}

// Makes the body of `table` have one row for each of `rows`: { key, cells: [text or { text, value, class, bar }] }.
// Rows of a key that was there are kept and only their texts change. Returns the rows by key.
export function fillTable(table, columns, rows) {
  headOf(table, columns);
  const body = table.tBodies[0];
  const kept = new Map([...body.rows].filter((row) => row.dataset.key !== undefined).map((row) => [row.dataset.key, row]));
  const made = new Map();
  let after = null;
  for (const { key, cells } of rows) {
    const row = kept.get(key) ?? rowOf(key, columns);
    kept.delete(key);
    cells.forEach((cell, at) => fillCell(row.cells[at], typeof cell === 'object' ? cell : { text: cell }));
    const place = after ? after.nextSibling : body.firstChild;
    if (row !== place) body.insertBefore(row, place);
    after = row.nextSibling?.classList?.contains('panel') ? row.nextSibling : row;
    made.set(key, row);
  }
  for (const row of kept.values()) {
    if (row.nextSibling?.classList?.contains('panel')) row.nextSibling.remove();
    row.remove();
  }
  return made;
}

function rowOf(key, columns) {
  const row = element('tr', { 'data-key': key });
  columns.forEach((column, at) => {
    const head = at === 0 && column.row !== false;
    row.append(element(head ? 'th' : 'td', { ...(head ? { scope: 'row' } : {}), class: column.class ?? '' }));
  });
  return row;
}

function fillCell(cell, { text, value, bad, bar, title }) {
  if (cell.firstElementChild?.tagName === 'BUTTON') return;
  if (value !== undefined) cell.dataset.value = String(value);
  if (title !== undefined) cell.title = title;
  cell.classList.toggle('bad', bad === true);
  if (bar === undefined) {
    setText(cell, text);
    return;
  }
  if (!cell.firstChild) cell.append(document.createTextNode(''), element('span', { class: 'minibar', 'aria-hidden': 'true' }));
  if (cell.firstChild.data !== text) cell.firstChild.data = text;
  cell.lastChild.style.width = `${(100 * bar).toFixed(1)}%`;
}
