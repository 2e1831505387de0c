// Whether it works, and where nothing was saved, why: in words.

import { compact, exact, percent, plural } from './format.mjs';

const REASONS = {
  first_contact: 'the conversations were under way when headroom first saw them, and what the provider has cached stays as it is',
  no_gain: 'the tool results so far are short or say nothing that fits into fewer tokens',
  off: 'the clients asked for it with x-headroom-optimize: off',
  protected_tool: 'the tool results so far are of tools that are protected',
  own_tool: 'the only tool results so far are of headroom’s own tool',
  form: 'the tool results so far are of forms that are never changed, such as errors, images and citable content',
  caller: 'the tool results so far are read by programs, which need every byte',
  deadline: 'there was too little time to shorten the tool results so far',
};

// Rules that shorten are no reasons.
const isReason = (rule) => rule in REASONS;

function whyNothing({ optimize, totals, decided, statuses }) {
  if (!optimize) return 'optimising is switched off (--no-optimize)';
  const unanswered = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  if (unanswered >= totals.all.requests) return 'no request was answered; see Errors below';
  const reasons = Object.entries(decided).filter(([rule]) => isReason(rule));
  if (Object.keys(decided).length === 0) {
    return 'no tool result has come through yet, and nothing else is ever shortened';
  }
  reasons.sort((a, b) => b[1] - a[1]);
  return reasons.length > 0 ? REASONS[reasons[0][0]] : 'no shortened request was answered yet';
}

function failing(recent) {
  const last = recent.slice(0, 5);
  return last.length >= 3 && last.every((one) => one.status === 0 || one.status >= 400);
}

// { kind: 'good' | 'waiting' | 'off' | 'bad', text }
export function stateOf(data) {
  if (data.draining) return { kind: 'off', text: 'Shutting down' };
  if (!data.optimize) return { kind: 'off', text: 'Optimising is off' };
  if (failing(data.recent)) return { kind: 'bad', text: 'The last requests failed' };
  if (data.store_failing) return { kind: 'bad', text: 'The disk does not take what is decided' };
  if (data.totals.all.requests === 0) return { kind: 'waiting', text: 'Waiting for requests' };
  if (data.totals.all.saved === 0) return { kind: 'waiting', text: 'Nothing saved yet' };
  return { kind: 'good', text: 'Working' };
}

export function sentenceOf(data) {
  const { today, all } = data.totals;
  if (all.requests === 0) return 'headroom is up and waits for the first request.';
  if (all.saved === 0) return `Nothing saved yet, because ${whyNothing(data)}.`;
  if (today.requests === 0) return `No request today. Since the start ${compact(all.saved)} tokens were saved.`;
  const share = percent(today.saved, today.saved + today.prompt);
  const of = `${plural(today.requests, 'request')} today`;
  if (today.saved === 0) return `Nothing of the ${of} could be shortened.`;
  const net = today.netted > 0 && today.net_usd < 0 ? ' What it cost beside, such as originals opened again, was more than that.' : '';
  return `That is ${share} of what the ${of} would have sent. ${exact(all.requests)} since the start.${net}`;
}
