// A simulation of Anthropic's and OpenAI's APIs (Messages, Chat Completions, Responses) on 127.0.0.1: validates, signs
// thinking, accounts for the prompt cache, bills, answers in JSON or SSE, and
// fails on command. What arrived is kept for the test to compare.
//
//   const provider = await startProvider();
//   provider.reply({ text: 'hello' });                  next reply, any key
//   provider.reply({ calls: [...] }, { key: 'sk-1' });  next reply for that key
//   provider.reply({ fault: 'cut', afterBytes: 100 });  see faults.mjs
//   provider.reply({ status: 429, headers: [...], body: '...' });
//                                                       a prompt that is refused leaves its reply for the next
//   provider.requests()                                 -> [Request], oldest first
//   await provider.close();
//
// A Request:
//   method, target, path, query, headerList [[name, value]...], headers {lower-case: value}
//   body Buffer, sha256, json() (undefined if the body is not JSON)
//   api 'anthropic' | 'openai' | 'responses' | 'other', status, error
//   account, usd (cache.mjs; only for prompts that were accepted)
//   blocks (accepted prompts)
//   sent Buffer: the response body's bytes as written
//   closed Promise<ms>: performance.now() when the connection or the response ended
//   finished bool: the whole response was handed over

import { createHash } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';

import { readAnthropicRequest } from './anthropic.mjs';
import { ApiError, invalid } from './api_error.mjs';
import { AnthropicCache, OpenAiCache } from './cache.mjs';
import { sendFault } from './faults.mjs';
import { ANTHROPIC_MODELS, OPENAI_MODELS } from './models.mjs';
import { readOpenAiRequest } from './openai.mjs';
import {
  anthropicError,
  anthropicEvents,
  anthropicMessage,
  frameEvents,
  openAiCompletion,
  openAiError,
  openAiEvents,
  outputText,
} from './replies.mjs';
import { KeptResponses, readResponsesRequest, responseEvents, responseObject } from './responses.mjs';
import { ThinkingSigner } from './thinking.mjs';
import { makeTokenizer } from './tokens.mjs';

const MAX_HEADER_BYTES = 1024 * 1024;
const KEEP_ALIVE_MS = 120_000;

const RENDER = { anthropic: anthropicMessage, openai: openAiCompletion, responses: responseObject };
const STREAM = { anthropic: anthropicEvents, openai: openAiEvents, responses: responseEvents };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function pairs(flat) {
  const list = [];
  for (let i = 0; i < flat.length; i += 2) list.push([flat[i], flat[i + 1]]);
  return list;
}

function parseJson(bytes) {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

export function credentialOf(headers) {
  return headers['x-api-key'] ?? headers['api-key'] ?? (headers.authorization ?? '').replace(/^Bearer /i, '');
}

// Options:
//   port           0: any free one
//   tokenizer      'bytes4' or 'bpe'
//   now            () -> seconds, the cache's clock
//   respond        (request) -> reply or undefined: consulted when nothing is scripted
//   context        tokens that a prompt may have, whatever the model; or { model: tokens }
//   tls            { key, cert } to speak https
//   keep           false: forget requests once answered (long runs)
export async function startProvider(options = {}) {
  const provider = new Provider(options);
  await provider.listen(options.port ?? 0);
  return provider;
}

class Provider {
  constructor({
    tokenizer = 'bytes4',
    now = () => performance.now() / 1000,
    respond = () => undefined,
    keep = true,
    context,
    tls,
  }) {
    this.context = context;
    this.tokenize = makeTokenizer(tokenizer);
    this.now = now;
    this.respond = respond;
    this.keep = keep;
    this.signer = new ThinkingSigner();
    this.caches = { anthropic: new AnthropicCache(), openai: new OpenAiCache() };
    this.caches.responses = this.caches.openai;
    this.kept = new KeptResponses();
    this.upgrades = 0; // connections that asked for another protocol
    this.scripted = [];
    this.received = [];
    this.served = 0;
    this.connections = 0;
    this.usd = 0;
    const settings = {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: 0,
      headersTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    const serve = (request, response) => this.serve(request, response);
    this.server = tls ? https.createServer({ ...settings, ...tls }, serve) : http.createServer(settings, serve);
    this.scheme = tls ? 'https' : 'http';
    this.server.on('connection', () => ++this.connections);
    this.server.on('upgrade', (_, socket) => {
      ++this.upgrades;
      socket.destroy();
    });
  }

  listen(port) {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.url = `${this.scheme}://127.0.0.1:${this.server.address().port}`;
        resolve();
      });
    });
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  reply(reply, { key } = {}) {
    this.scripted.push({ reply, key });
  }

  requests() {
    return this.received;
  }

  last() {
    return this.received.at(-1);
  }

  forget() {
    this.received.length = 0;
    this.scripted.length = 0;
  }

  nextReply(request) {
    const at = this.scripted.findIndex(({ key }) => key === undefined || key === request.key);
    if (at !== -1) {
      const [scripted] = this.scripted.splice(at, 1);
      return { ...scripted.reply, scripted };
    }
    return this.respond(request) ?? { text: 'ok' };
  }

  async serve(message, response) {
    const request = this.record(message, response);
    const parts = [];
    try {
      for await (const part of message) parts.push(part);
    } catch {
      return; // the caller went away in the middle of its body
    }
    request.body = Buffer.concat(parts);
    request.sha256 = createHash('sha256').update(request.body).digest('hex');
    request.json = () => (request.parsed ??= parseJson(request.body));
    request.complete = true;
    if (request.method === 'OPTIONS') return this.finish(request, response, 204, [['allow', 'GET, POST, OPTIONS']], '');
    const reply = this.nextReply(request);
    if (reply.delayMs) await sleep(reply.delayMs);
    if (reply.fault) return sendFault(request, response, reply);
    if (reply.status) return this.finish(request, response, reply.status, reply.headers ?? [], reply.body ?? '');
    return this.route(request, response, reply);
  }

  record(message, response) {
    const [path, query = ''] = message.url.split(/(?=\?)/, 2);
    const request = {
      method: message.method,
      target: message.url,
      path,
      query,
      headerList: pairs(message.rawHeaders),
      headers: message.headers,
      key: credentialOf(message.headers),
      api: 'other',
      receivedAt: performance.now(),
      sent: Buffer.alloc(0),
      finished: false,
      complete: false,
      id: `req_${++this.served}`,
      body: Buffer.alloc(0),
    };
    request.closed = new Promise((resolve) => response.once('close', () => resolve(performance.now())));
    response.once('finish', () => (request.finished = true));
    response.on('error', () => {});
    if (this.keep) this.received.push(request);
    else this.received = [request];
    return request;
  }

  route(request, response, reply) {
    const { path, method } = request;
    if (method === 'POST' && /\/messages$/.test(path)) return this.converse('anthropic', request, response, reply);
    if (method === 'POST' && /\/chat\/completions$/.test(path))
      return this.converse('openai', request, response, reply);
    if (method === 'POST' && /\/responses$/.test(path)) return this.converse('responses', request, response, reply);
    if (method === 'POST' && /\/messages\/count_tokens$/.test(path)) return this.countTokens(request, response);
    if (method === 'POST' && /\/responses\/input_tokens$/.test(path)) return this.countInput(request, response);
    if (/\/responses\/resp_\w+/.test(path)) return this.serveKept(request, response);
    if (/\/models(\/|$)/.test(path)) return this.listModels(request, response);
    return this.finishJson(request, response, 200, {
      object: 'echo',
      method,
      path,
      bytes: request.body.length,
      sha256: request.sha256,
    });
  }

  async converse(api, request, response, reply) {
    request.api = api;
    const body = request.json();
    try {
      if (body === undefined) throw new ApiError(400, 'invalid_request_error', 'The request body is not valid JSON');
      this.admit(api, request, body, reply);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      request.error = error.message;
      if (reply.scripted) this.scripted.unshift(reply.scripted);
      const shape = api === 'anthropic' ? anthropicError(error, request.id) : openAiError(error);
      return this.finishJson(request, response, error.status, shape);
    }
    const output = this.tokenize(outputText(reply)).length;
    const usage = reply.usage ?? request.account.usage(output);
    request.usd = request.account.usd(output);
    this.usd += request.usd;
    const id = api === 'responses' ? `resp_${request.id}` : `${request.id}_reply`;
    if (api === 'responses') this.kept.add(body, responseObject(body, reply, usage, id));
    if (body.stream) return this.stream(request, response, reply, STREAM[api](body, reply, usage, id));
    return this.finishJson(request, response, 200, RENDER[api](body, reply, usage, id), reply.replyHeaders);
  }

  // Reads, checks and accounts for the prompt; signs the reply's thinking.
  admit(api, request, body, reply) {
    if (api === 'openai') {
      request.blocks = readOpenAiRequest(body, this.tokenize);
    } else if (api === 'responses') {
      request.blocks = readResponsesRequest(body, this.tokenize, this.kept);
    } else {
      request.blocks = readAnthropicRequest(body, (text) => this.tokenize(text).length);
      reply.inputTransformations = this.signer.check(body, request.blocks, request.headers);
      if (typeof reply.thinking === 'string') reply.thinking = this.signer.sign(reply.thinking, request.blocks);
    }
    this.checkContext(api, body.model, request.blocks);
    request.account = this.caches[api].account(request.key, body, request.blocks, this.now());
  }

  checkContext(api, model, blocks) {
    const total = blocks.reduce((sum, block) => sum + block.tokens, 0);
    const limit = typeof this.context === 'object' ? this.context[model] : this.context;
    if (limit === undefined || total <= limit) return;
    if (api === 'anthropic') throw invalid(`prompt is too long: ${total} tokens > ${limit} maximum`);
    throw invalid(
      `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${total} tokens.`,
      'context_length_exceeded',
    );
  }

  // reply.sse: how the stream is framed and paced.
  //   newline, comments, finalBlank   as frameEvents has them
  //   pieceBytes                      each write has that many bytes (1: split anywhere)
  //   gapMs                           pause before each write but the first
  async stream(request, response, reply, events) {
    const how = reply.sse ?? {};
    let writes = frameEvents(events, how);
    if (how.pieceBytes) writes = splitEvery(Buffer.concat(writes), how.pieceBytes);
    request.sent = Buffer.concat(writes);
    request.status = 200;
    request.writtenAt = [];
    response.socket?.setNoDelay(true);
    response.writeHead(
      200,
      flat([
        ['content-type', 'text/event-stream; charset=utf-8'],
        ['cache-control', 'no-cache'],
        ['request-id', request.id],
        ...(reply.replyHeaders ?? []),
      ]),
    );
    for (const [i, bytes] of writes.entries()) {
      if (i > 0 && how.gapMs) await sleep(how.gapMs);
      if (response.destroyed) return;
      request.writtenAt.push(performance.now());
      response.write(bytes);
    }
    response.end();
  }

  countTokens(request, response) {
    request.api = 'anthropic';
    try {
      const body = { max_tokens: 1, ...request.json() };
      request.blocks = readAnthropicRequest(body, (text) => this.tokenize(text).length);
      this.finishJson(request, response, 200, {
        input_tokens: request.blocks.reduce((sum, block) => sum + block.tokens, 0),
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.finishJson(request, response, error.status, anthropicError(error, request.id));
    }
  }

  countInput(request, response) {
    request.api = 'responses';
    try {
      request.blocks = readResponsesRequest(request.json(), this.tokenize, this.kept);
      const input_tokens = request.blocks.reduce((sum, block) => sum + block.tokens, 0);
      this.finishJson(request, response, 200, { object: 'response.input_tokens', input_tokens });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.finishJson(request, response, error.status, openAiError(error));
    }
  }

  // /v1/responses/{id}, .../input_items, .../cancel
  serveKept(request, response) {
    const [, id, rest = ''] = /\/responses\/(\w+)(\/.*)?$/.exec(request.path);
    const kept = this.kept.byId.get(id);
    if (kept === undefined) {
      const missing = new ApiError(404, 'invalid_request_error', `Response with id '${id}' not found.`);
      return this.finishJson(request, response, 404, openAiError(missing));
    }
    if (rest === '/input_items')
      return this.finishJson(request, response, 200, { object: 'list', data: kept.input, has_more: false });
    if (request.method !== 'DELETE') return this.finishJson(request, response, 200, kept.response);
    this.kept.byId.delete(id);
    return this.finishJson(request, response, 200, { id, object: 'response', deleted: true });
  }

  listModels(request, response) {
    const table =
      request.headers['x-api-key'] || request.headers['anthropic-version'] ? ANTHROPIC_MODELS : OPENAI_MODELS;
    const data = Object.keys(table).map((id) => ({ id, object: 'model', type: 'model' }));
    this.finishJson(request, response, 200, { object: 'list', data, has_more: false });
  }

  finishJson(request, response, status, value, headers = []) {
    this.finish(
      request,
      response,
      status,
      [['content-type', 'application/json'], ['request-id', request.id], ...headers],
      JSON.stringify(value),
    );
  }

  finish(request, response, status, headers, body) {
    request.status = status;
    request.sent = Buffer.from(body);
    const hasLength = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
    const bodiless = status === 204 || status === 304;
    response.writeHead(
      status,
      flat([...headers, ...(hasLength || bodiless ? [] : [['content-length', String(request.sent.length)]])]),
    );
    response.end(request.method === 'HEAD' || bodiless ? undefined : request.sent);
  }
}

function flat(list) {
  return list.flat().map(String);
}

function splitEvery(bytes, size) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}
