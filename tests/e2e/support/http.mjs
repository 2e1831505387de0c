// HTTP clients that show what is on the wire: header lists in order with
// duplicates, bodies as bytes, streams with the time of each piece, and plain
// sockets for what no well-behaved client would send.

import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const REQUEST_LIMIT_MS = 60_000;

export function pairs(flat) {
  const list = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i], flat[i + 1]]);
  return list;
}

// Opens an exchange. Options: url, path (as spelled, in place of the URL's), method, headers [[name, value]...], body
// (bytes or text), fresh (own connection), chunked (no Content-Length), tls (options of an https connection).
// Resolves with the response once its head is there.
export function open({ url, path, method = 'GET', headers = [], body, fresh = false, chunked = false, signal, tls }) {
  const target = new URL(url);
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const list = [['host', target.host], ...headers];
  if (bytes !== undefined)
    list.push(chunked ? ['transfer-encoding', 'chunked'] : ['content-length', String(bytes.length)]);
  return new Promise((resolve, reject) => {
    const secure = target.protocol === 'https:';
    const outgoing = (secure ? https : http).request({
      host: target.hostname,
      port: target.port,
      path: path ?? target.pathname + target.search,
      method,
      headers: list.flat(),
      agent: fresh || secure ? false : agent,
      ...tls,
      signal,
      maxHeaderSize: 1 << 20,
    });
    outgoing.on('response', (incoming) => resolve({ incoming, outgoing }));
    outgoing.on('error', reject);
    outgoing.setTimeout(REQUEST_LIMIT_MS, () => outgoing.destroy(new Error(`no answer within ${REQUEST_LIMIT_MS} ms`)));
    outgoing.end(bytes);
  });
}

// A whole exchange: { status, headerList, headers, body, text(), json(), cut }.
// `cut` is true when the connection ended before the body did.
export async function request(options) {
  const { incoming } = await open(options);
  const parts = [];
  let cut = false;
  try {
    for await (const part of incoming) parts.push(part);
  } catch {
    cut = true;
  }
  return reply(incoming, parts, cut);
}

function reply(incoming, parts, cut) {
  const body = Buffer.concat(parts);
  return {
    status: incoming.statusCode,
    headers: incoming.headers,
    headerList: pairs(incoming.rawHeaders),
    body,
    cut,
    text: () => body.toString(),
    json: () => JSON.parse(body.toString()),
  };
}

// Posts JSON (a value, text or bytes) with the credentials of `key`.
//   api  'anthropic' | 'openai': which headers a client of that API sends
export function post(
  base,
  path,
  value,
  { key = 'sk-test', api = /chat|responses/.test(path) ? 'openai' : 'anthropic', headers = [], ...rest } = {},
) {
  const body = typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value);
  return request({
    url: base + path,
    method: 'POST',
    headers: [...credentials(api, key), ['content-type', 'application/json'], ...headers],
    body,
    ...rest,
  });
}

// Logins (JWTs and Claude's OAuth tokens) travel as bearers to either provider.
export function credentials(api, key) {
  const bearer = api !== 'anthropic' || /^(eyJ|sk-ant-oat)/.test(key);
  return [
    bearer ? ['authorization', `Bearer ${key}`] : ['x-api-key', key],
    ...(api === 'anthropic' ? [['anthropic-version', '2023-06-01']] : []),
  ];
}

// As request(), with `pieces` [{ at, bytes }] as they arrived.
export async function stream(options) {
  const { incoming } = await open(options);
  incoming.socket.setNoDelay(true);
  const pieces = [];
  let cut = false;
  try {
    for await (const bytes of incoming) pieces.push({ at: performance.now(), bytes });
  } catch {
    cut = true;
  }
  return {
    ...reply(
      incoming,
      pieces.map((piece) => piece.bytes),
      cut,
    ),
    pieces,
  };
}

// A plain connection.
//   send(bytes), end(), closed (promise), received() -> Buffer,
//   until(predicate, limitMs) -> the bytes so far once predicate(text) holds or the peer closed
export function connect(port) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  const parts = [];
  const waiters = new Set();
  let over = false;
  const wake = () => waiters.forEach((waiter) => waiter());
  const closed = new Promise((resolve) =>
    socket.once('close', () => {
      over = true;
      wake();
      resolve();
    }),
  );
  socket.on('data', (bytes) => {
    parts.push(bytes);
    wake();
  });
  socket.on('error', () => {});
  const received = () => Buffer.concat(parts);
  const until = (predicate, limitMs = 5000) =>
    new Promise((resolve, reject) => {
      const check = () => {
        if (!over && !predicate(received().toString('latin1'))) return;
        clearTimeout(timer);
        waiters.delete(check);
        resolve(received());
      };
      const timer = setTimeout(() => {
        waiters.delete(check);
        reject(new Error(`not within ${limitMs} ms; received: ${received().toString('latin1').slice(0, 500)}`));
      }, limitMs);
      waiters.add(check);
      check();
    });
  return {
    socket,
    closed,
    received,
    until,
    send: (bytes) => socket.write(bytes),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
    isClosed: () => over,
  };
}

// Sends bytes on a fresh connection, returns all responses once the peer
// closed or `count` whole responses are there: [{ status, headers, body }].
export async function rawExchange(port, bytes, { count = 1, limitMs = 5000 } = {}) {
  const connection = connect(port);
  connection.send(bytes);
  await connection.until(() => readResponses(connection.received()).length >= count, limitMs);
  const responses = readResponses(connection.received());
  connection.destroy();
  return responses;
}

// Whole responses at the front of `bytes`; interim ones (1xx) are left out.
export function readResponses(bytes) {
  const responses = [];
  let at = 0;
  for (;;) {
    const headEnd = bytes.indexOf('\r\n\r\n', at);
    if (headEnd === -1) return responses;
    const lines = bytes.subarray(at, headEnd).toString('latin1').split('\r\n');
    const status = Number(lines[0].split(' ')[1]);
    const headers = Object.fromEntries(
      lines
        .slice(1)
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    at = headEnd + 4;
    if (status < 200) continue;
    const framed = readBody(bytes, at, status, headers);
    if (framed === undefined) return responses;
    responses.push({ status, version: lines[0].split(' ')[0], headers, body: framed.body });
    at = framed.end;
  }
}

function readBody(bytes, at, status, headers) {
  if (status === 204 || status === 304) return { body: Buffer.alloc(0), end: at };
  if (headers['content-length'] !== undefined) {
    const end = at + Number(headers['content-length']);
    return end <= bytes.length ? { body: bytes.subarray(at, end), end } : undefined;
  }
  if (headers['transfer-encoding'] !== 'chunked') return { body: bytes.subarray(at), end: bytes.length };
  const parts = [];
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    const end = lineEnd + 2 + size;
    if (end + 2 > bytes.length) return undefined;
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
    if (size === 0) return { body: Buffer.concat(parts), end: at };
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Resolves once `predicate()` holds; fails with `what` after `limitMs`.
export async function eventually(predicate, what, limitMs = 3000) {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    const value = await predicate();
    if (value) return value;
    await sleep(5);
  }
  throw new Error(`${what}: not within ${limitMs} ms`);
}
