// Numbers, money and times as people read them.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const minutes = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const clock = new Intl.DateTimeFormat(undefined, { ...minutes, second: '2-digit' });
const minute = new Intl.DateTimeFormat(undefined, minutes);
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', ...minutes });
const date = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
const monthDay = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const utcDate = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });

const MINUS = '\u2212';

export const exact = (number) => whole.format(number);
export const compact = (number) => (Math.abs(number) < 10_000 ? whole.format(number) : short.format(number).replace('K', 'k'));
export const plural = (count, one, many = `${one}s`) => `${exact(count)} ${count === 1 ? one : many}`;

// Two decimals, or two digits that say something where it is less than a cent.
export function money(usd) {
  const size = Math.abs(usd);
  const digits = size === 0 || size >= 0.995 ? 2 : Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(size))));
  return `${usd < 0 ? MINUS : ''}$${size.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

export function percent(part, all) {
  if (!(all > 0)) return '–';
  const share = (100 * part) / all;
  return `${share !== 0 && Math.abs(share) < 10 ? share.toFixed(1) : share.toFixed(0)} %`;
}

export function duration(ms) {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

export function bytes(count) {
  if (count < 1000) return `${count} B`;
  const power = Math.min(4, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toPrecision(3)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

export const timeOf = (seconds) => clock.format(new Date(seconds * 1000));
export const minuteOf = (seconds) => minute.format(new Date(seconds * 1000));
export const dayTimeOf = (seconds) => day.format(new Date(seconds * 1000));
export const dateOf = (seconds) => date.format(new Date(seconds * 1000));
export const dateOnly = (seconds) => monthDay.format(new Date(seconds * 1000));
export const utcDateOf = (seconds) => utcDate.format(new Date(seconds * 1000));
