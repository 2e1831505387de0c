// The page: figures come in, each card shows its own.

import { showBudgets } from './budgets.mjs';
import { drawChart, offerMoney, setUpChart } from './chart.mjs';
import { byId, setText } from './dom.mjs';
import { feed } from './feed.mjs';
import { showCache, showDecided, showErrors, showHero, showLatency, showModelsAndClients, showRetrievals, showTotals } from './figures.mjs';
import { timeOf } from './format.mjs';
import { setUpRequests, showRequests } from './requests.mjs';
import { sentenceOf, stateOf } from './status.mjs';
import { setUpTheme } from './theme.mjs';

const FEED = {
  live: (at) => `Live, last change ${at}`,
  asking: (at) => `Asking every 3 seconds, last answer ${at}`,
  lost: (at) => `No answer since ${at}`,
};

let lastSeen = '–';

function showState({ kind, text }) {
  byId('state').dataset.kind = kind;
  setText(byId('state-text'), text);
}

function showAll(data) {
  lastSeen = timeOf(data.now);
  showState(stateOf(data));
  setText(byId('version'), data.version);
  setText(byId('sentence'), sentenceOf(data));
  const empty = data.totals.all.requests === 0;
  byId('start').hidden = !empty;
  byId('figures').hidden = empty;
  showHero(data);
  if (empty) return;
  showBudgets(data);
  offerMoney(data.totals.all.priced > 0);
  for (const show of [showTotals, showModelsAndClients, showCache, showLatency, showRequests, showRetrievals, showDecided, showErrors]) show(data);
  drawChart(data);
}

function showFeed(state) {
  byId('feed').dataset.state = state;
  setText(byId('feed'), FEED[state](lastSeen));
  if (state === 'lost') showState({ kind: 'bad', text: 'headroom does not answer' });
}

const { origin } = location;
setText(byId('start-claude'), `ANTHROPIC_BASE_URL=${origin} claude`);
setText(byId('start-codex'), `codex -c 'openai_base_url="${origin}/v1"'`);
setText(byId('start-openai'), `OPENAI_BASE_URL=${origin}/v1 your-program`);
setText(byId('foot'), 'Everything on this page comes from this proxy; it asks no other host.');

setUpTheme(() => drawChart(undefined, true));
setUpChart();
setUpRequests();
let state = 'live';
feed(
  (data) => {
    showAll(data);
    showFeed(state);
  },
  (now) => {
    state = now;
    showFeed(state);
  },
);
