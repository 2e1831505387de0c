// What was sent and saved over time, or what it cost: a bar for each step, and the same as a table.

import { byId, element, fillTable, setText } from './dom.mjs';
import { compact, dateOnly, dayTimeOf, exact, minuteOf, money, utcDateOf } from './format.mjs';

const RANGES = {
  minute: { title: '1 hour', width: 60, count: 60, label: minuteOf, tick: minuteOf },
  quarter: { title: '24 hours', width: 900, count: 96, label: dayTimeOf, tick: minuteOf },
  hour: { title: '7 days', width: 3600, count: 168, label: dayTimeOf, tick: dateOnly },
  day: { title: '90 days', width: 86_400, count: 90, label: utcDateOf, tick: utcDateOf },
};

// Columns of a row of the series: start, requests, prompt, cache_read, output, saved, failed, cost, net.
const METRICS = {
  tokens: { title: 'Tokens', first: 2, second: 5, names: ['sent', 'saved'], format: compact, exactly: exact },
  money: { title: 'Money', first: 7, second: 8, names: ['cost', 'net saved'], format: money, exactly: money },
};

const chosen = { range: 'minute', metric: 'tokens' };
let chart;
let drawnAs = '';
let latest;

function setUpChoice(id, options, name) {
  const field = byId(id);
  for (const [value, { title }] of Object.entries(options)) {
    const input = element('input', { type: 'radio', name, value });
    input.checked = chosen[name] === value;
    input.addEventListener('change', () => {
      chosen[name] = value;
      drawChart();
    });
    field.append(element('label', {}, input, element('span', {}, title)));
  }
}

export function setUpChart() {
  setUpChoice('metric', METRICS, 'metric');
  setUpChoice('range', RANGES, 'range');
  new ResizeObserver(() => {
    const size = sizeOf();
    if (chart && chart.width !== size.width && size.width > 0) chart.setSize(size);
  }).observe(byId('chart'));
}

const sizeOf = () => ({ width: byId('chart').clientWidth, height: byId('chart').clientHeight });
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Every step of the range, those without anything as zeros.
function columns(data, range, metric) {
  const { width, count } = RANGES[range];
  const rows = new Map(data.series[range].map((row) => [row[0], row]));
  const newest = data.series[range].at(-1)?.[0] ?? 0;
  const now = Math.max(Math.floor(data.now / width) * width, newest);
  const starts = Array.from({ length: count }, (_, at) => now - (count - 1 - at) * width);
  const of = (column) => starts.map((start) => rows.get(start)?.[column] ?? 0);
  return { starts, first: of(METRICS[metric].first), second: of(METRICS[metric].second) };
}

// Diagonal lines, so that the two parts differ in more than their colour.
function hatch(context, ink) {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const draw = tile.getContext('2d');
  draw.strokeStyle = ink;
  draw.lineWidth = 3.4;
  draw.beginPath();
  for (const at of [-4, 4, 12]) {
    draw.moveTo(at - 4, 12);
    draw.lineTo(at + 12, -4);
  }
  draw.stroke();
  return context.createPattern(tile, 'repeat');
}

function optionsOf(range, metric) {
  const { format } = METRICS[metric];
  const ink = colour('--soft');
  const bars = uPlot.paths.bars({ size: [0.75, 60], radius: 0.1 });
  const axis = { stroke: ink, grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const saved = (of) => hatch(of.ctx, colour('--saved'));
  return {
    ...sizeOf(),
    legend: { show: false },
    cursor: { show: false },
    tzDate: range === 'day' ? (at) => uPlot.tzDate(new Date(at * 1000), 'UTC') : undefined,
    scales: { y: { range: (_, low, high) => [Math.min(0, low * 1.1), Math.max(high * 1.1, metric === 'money' ? 0.01 : 10)] } },
    axes: [{ ...axis, values: (_, ticks) => ticks.map(RANGES[range].tick) }, { ...axis, size: 64, values: (_, ticks) => ticks.map(format) }],
    series: [
      {},
      { fill: saved, stroke: colour('--saved'), width: 1, paths: bars, points: { show: false } },
      { fill: colour('--sent'), stroke: colour('--sent'), width: 1, paths: bars, points: { show: false } },
    ],
  };
}

// The second part stands on the first: its bar is drawn from the ground to their sum, behind the first. What is
// negative hangs below.
const orNone = (amounts) => amounts.map((amount) => (amount === 0 ? null : amount));
const stacked = ({ starts, first, second }) => [
  starts,
  orNone(first.map((amount, at) => (second[at] < 0 ? second[at] : amount + second[at]))),
  orNone(first),
];

export function drawChart(data = latest, anew = false) {
  latest = data;
  if (!data || byId('figures').hidden) return;
  const { range, metric } = chosen;
  const shown = columns(data, range, metric);
  const kind = `${range} ${metric}`;
  if (anew || kind !== drawnAs || !chart) {
    chart?.destroy();
    chart = new uPlot(optionsOf(range, metric), stacked(shown), byId('chart'));
    drawnAs = kind;
  } else {
    chart.setData(stacked(shown));
  }
  describe(shown, range, metric);
}

function describe({ starts, first, second }, range, metric) {
  const { names, exactly } = METRICS[metric];
  const sum = (list) => list.reduce((all, one) => all + one, 0);
  setText(
    byId('chart-text'),
    `${RANGES[range].title}: ${exactly(sum(first))} ${names[0]} (plain), ${exactly(sum(second))} ${names[1]} (hatched).`,
  );
  const table = byId('chart-table');
  if (table.dataset.kind !== metric) table.replaceChildren();
  table.dataset.kind = metric;
  const rows = starts
    .map((start, at) => ({ key: String(start), cells: [RANGES[range].label(start), exactly(first[at]), exactly(second[at])], empty: !first[at] && !second[at] }))
    .filter((row) => !row.empty)
    .reverse();
  fillTable(table, [{ title: 'From', class: 'left' }, { title: names[0] }, { title: names[1] }], rows);
}

// Money where something has a price.
export function offerMoney(offered) {
  byId('metric').hidden = !offered;
}
