// The figures as they come: by a stream of events, and while there is none by asking now and then.

const ASK_EVERY_MS = 3_000;
const SILENCE_MS = 40_000; // the stream has a sign of life every 15 s

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const untilShown = () =>
  new Promise((done) => {
    if (!document.hidden) return done();
    const check = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', check);
      done();
    };
    document.addEventListener('visibilitychange', check);
  });

// Calls data(document) for each event until the stream ends.
async function follow(data, opened) {
  const abort = new AbortController();
  const stopWhenHidden = () => document.hidden && abort.abort();
  document.addEventListener('visibilitychange', stopWhenHidden);
  let silence = setTimeout(() => abort.abort(), SILENCE_MS);
  try {
    const response = await fetch('/dashboard/events', { signal: abort.signal, cache: 'no-store' });
    if (!response.ok) return;
    opened();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
      text += value;
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) if (event.startsWith('data: ')) data(JSON.parse(event.slice(6)));
    }
  } catch {
    // The next try comes by itself.
  } finally {
    clearTimeout(silence);
    document.removeEventListener('visibilitychange', stopWhenHidden);
    abort.abort();
  }
}

// Returns whether there was an answer.
async function ask(data) {
  try {
    const response = await fetch('/dashboard/data', { cache: 'no-store' });
    if (!response.ok) return false;
    data(await response.json());
    return true;
  } catch {
    return false;
  }
}

// state: 'live', 'asking', 'lost'.
export async function feed(data, state) {
  for (;;) {
    await untilShown();
    await follow(data, () => state('live'));
    if (document.hidden) continue;
    state((await ask(data)) ? 'asking' : 'lost');
    await pause(ASK_EVERY_MS);
  }
}
