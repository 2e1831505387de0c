// What any client may rely on: bodies, headers, paths, methods and statuses are
// carried as they came, in both directions.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';

import { startProvider } from '../provider/provider.mjs';
import { CODINGS } from './support/codings.mjs';
import { Random, jsonRows } from './support/data.mjs';
import { post, request } from './support/http.mjs';
import { startProxy } from './support/proxy.mjs';

const HOP_BY_HOP = /^(connection|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function endToEnd(headerList, ...alsoDropped) {
  return headerList.filter(
    ([name]) => !HOP_BY_HOP.test(name) && !/^x-headroom-/i.test(name) && !alsoDropped.includes(name.toLowerCase()),
  );
}

function agentBody(extra = {}) {
  const rows = jsonRows(new Random(1), 30);
  return {
    model: 'claude-sonnet-4-5',
    max_tokens: 64,
    ...extra,
    messages: [
      { role: 'user', content: 'list them' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'list', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: rows }] },
    ],
  };
}

// Bodies that a careless proxy would respell.
const AWKWARD_BODIES = {
  'numbers of any spelling': '{"model":"m","a":1.0,"b":1e400,"c":-0,"d":12345678901234567890,"e":1E+2,"messages":[]}',
  'escapes of any spelling':
    '{"model":"m","messages":[{"role":"user","content":"\\u00e9\\/\\ud83d\\ude00 é/😀 \\u0041"}]}',
  'a lone surrogate': '{"model":"m","messages":[{"role":"user","content":"\\ud800 x"}]}',
  'duplicate keys': '{"model":"a","model":"b","messages":[],"messages":[{"role":"user","content":"x"}]}',
  'white space everywhere': ' {\n\t"model" : "m" ,\r\n "messages" : [ ] } \n',
  'unknown fields': '{"zzz":{"deep":[[[]]]},"model":"m","messages":[{"role":"user","content":"x","extra":null}]}',
  'a tool result worth shortening': JSON.stringify(agentBody(), null, 1),
  'not an object': '[1,2,3]',
  'not JSON': 'hello',
  'a byte order mark': '\ufeff{"model":"m","messages":[]}',
  'nothing at all': '',
};

describe('carry', () => {
  let provider;
  let proxy;
  let plain; // with --no-optimize
  before(async () => {
    provider = await startProvider();
    [proxy, plain] = await Promise.all([startProxy({ provider }), startProxy({ provider, args: ['--no-optimize'] })]);
  });
  after(async () => {
    await Promise.all([proxy.stop(), plain.stop()]);
    await provider.close();
  });
  beforeEach(() => provider.forget());

  describe('--no-optimize', () => {
    for (const [what, body] of Object.entries(AWKWARD_BODIES)) {
      for (const path of ['/v1/messages', '/v1/chat/completions', '/v1/messages/count_tokens', '/v1/responses']) {
        it(`${path} forwards ${what} byte for byte`, async () => {
          await post(plain.url, path, body);
          assert.equal(provider.last().sha256, sha256(body));
        });
      }
    }

    it('forwards every byte value, chunked or with a length', async () => {
      const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256));
      for (const chunked of [false, true]) {
        await post(plain.url, '/v1/messages', bytes, { chunked });
        assert.equal(provider.last().sha256, sha256(bytes));
      }
    });

    for (const [coding, encode] of Object.entries(CODINGS)) {
      it(`forwards a ${coding} body as it came`, async () => {
        const bytes = encode(Buffer.from(JSON.stringify(agentBody())));
        await post(plain.url, '/v1/messages', bytes, { headers: [['content-encoding', coding]] });
        assert.equal(provider.last().sha256, sha256(bytes));
        assert.equal(provider.last().headers['content-encoding'], coding);
      });
    }
  });

  describe('request bodies', () => {
    for (const [what, body] of Object.entries(AWKWARD_BODIES)) {
      if (what === 'a tool result worth shortening') continue;
      it(`forwards ${what} byte for byte when optimising`, async () => {
        await post(proxy.url, '/v1/messages', body);
        assert.equal(provider.last().sha256, sha256(body));
      });
    }

    for (const [coding, encode] of Object.entries(CODINGS)) {
      it(`passes a ${coding} body as it came when nothing changed`, async () => {
        const bytes = encode(
          Buffer.from(
            JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }),
          ),
        );
        provider.reply({ status: 200, headers: [['content-type', 'application/json']], body: '{}' });
        await post(proxy.url, '/v1/messages', bytes, { headers: [['content-encoding', coding]] });
        assert.equal(provider.last().sha256, sha256(bytes));
        assert.equal(provider.last().headers['content-encoding'], coding);
      });

      it(`decodes a ${coding} body that it shortens and sends it on as identity`, async () => {
        const body = agentBody();
        const bytes = encode(Buffer.from(JSON.stringify(body)));
        const reply = await post(proxy.url, '/v1/messages', bytes, { headers: [['content-encoding', coding]] });
        assert.equal(reply.status, 200, reply.text());
        const forwarded = provider.last();
        assert.equal(forwarded.headers['content-encoding'], undefined);
        assert.equal(Number(forwarded.headers['content-length']), forwarded.body.length);
        assert.ok(forwarded.body.length < JSON.stringify(body).length);
        assert.equal(forwarded.json().messages[0].content, 'list them');
      });
    }

    it('passes a body whose coding is corrupt or unknown as it came', async () => {
      for (const [coding, bytes] of [
        ['gzip', Buffer.from('not gzip')],
        ['rot13', Buffer.from('{"zbqry":1}')],
      ]) {
        provider.reply({ status: 400, headers: [['content-type', 'application/json']], body: '{"type":"error"}' });
        const reply = await post(proxy.url, '/v1/messages', bytes, { headers: [['content-encoding', coding]] });
        assert.equal(reply.status, 400);
        assert.equal(provider.last().sha256, sha256(bytes));
      }
    });
  });

  describe('headers', () => {
    const SENT = [
      ['x-api-key', 'sk-1'],
      ['Anthropic-Version', '2023-06-01'],
      ['anthropic-beta', 'one'],
      ['Content-Type', 'application/json'],
      ['anthropic-beta', 'two'],
      ['User-Agent', 'claude-cli/2.0 (external, cli)'],
      ['X-Stainless-Lang', 'js'],
      ['accept', 'application/json'],
      ['Accept-Encoding', 'gzip, br, zstd'],
      ['cookie', 'a=1'],
      ['cookie', 'b=2'],
      ['x-empty', ''],
      ['X-Unicode', 'caf\u00e9'],
    ];

    it('reach the provider in order with duplicates, without what belongs to the connection or to us', async () => {
      const ours = [
        ['connection', 'keep-alive, x-hop'],
        ['x-hop', '1'],
        ['keep-alive', 'timeout=5'],
        ['TE', 'trailers'],
        ['proxy-authorization', 'Basic eA=='],
        ['x-headroom-optimize', 'off'],
        ['X-Headroom-Project', 'p'],
      ];
      await request({
        url: `${proxy.url}/v1/messages`,
        method: 'POST',
        headers: [...SENT, ...ours],
        body: '{"model":1}',
        fresh: true,
      });
      assert.deepEqual(endToEnd(provider.last().headerList, 'host', 'content-length'), SENT);
      assert.equal(provider.last().headers.host, new URL(provider.url).host);
      assert.equal(provider.last().headers['content-length'], '11');
    });

    it('come back in order with duplicates', async () => {
      const answered = [
        ['Content-Type', 'application/json'],
        ['request-id', 'req_abc'],
        ['anthropic-ratelimit-requests-remaining', '49'],
        ['set-cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['x-ratelimit-reset-tokens', '6ms'],
        ['cf-ray', '8f'],
        ['X-Empty', ''],
        ['date', 'Tue, 03 Nov 2026 10:00:00 GMT'],
      ];
      provider.reply({ status: 200, headers: answered, body: '{"a":1}' });
      const reply = await post(proxy.url, '/v1/messages', agentBody());
      assert.deepEqual(endToEnd(reply.headerList, 'content-length'), answered);
      assert.equal(reply.text(), '{"a":1}');
      assert.match(reply.headers['x-headroom-request-id'], /\S/);
    });
  });

  describe('statuses', () => {
    const CASES = [
      [
        401,
        [['www-authenticate', 'Bearer']],
        '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}',
      ],
      [
        429,
        [
          ['retry-after', '17'],
          ['anthropic-ratelimit-tokens-remaining', '0'],
        ],
        '{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}',
      ],
      [
        529,
        [['x-should-retry', 'true']],
        '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
      ],
      [400, [], '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"}}'],
      [500, [], ''],
      [503, [['retry-after', '1']], 'upstream connect error'],
      [302, [['location', 'https://example.com/']], ''],
    ];
    for (const [status, headers, body] of CASES) {
      for (const stream of [false, true]) {
        it(`mirrors ${status} with headers and body, stream: ${stream}`, async () => {
          const sent = [['content-type', 'application/json'], ...headers];
          provider.reply({ status, headers: sent, body });
          const reply = await post(proxy.url, '/v1/messages', agentBody({ stream }));
          assert.equal(reply.status, status);
          assert.equal(reply.text(), body);
          assert.deepEqual(endToEnd(reply.headerList, 'content-length', 'date'), sent);
          assert.equal(provider.requests().length, 1, 'sent once');
        });
      }
    }
  });

  describe('response codings', () => {
    for (const [coding, encode] of Object.entries(CODINGS)) {
      it(`passes ${coding} through as it came`, async () => {
        const bytes = encode(
          Buffer.from(JSON.stringify({ id: 'msg', type: 'message', usage: { input_tokens: 3, output_tokens: 4 } })),
        );
        provider.reply({
          status: 200,
          headers: [
            ['content-type', 'application/json'],
            ['content-encoding', coding],
          ],
          body: bytes,
        });
        const reply = await post(proxy.url, '/v1/messages', agentBody(), { headers: [['accept-encoding', coding]] });
        assert.equal(sha256(reply.body), sha256(bytes));
        assert.equal(reply.headers['content-encoding'], coding);
        assert.equal(reply.headers['content-length'], String(bytes.length));
      });
    }

    it('passes a corrupt coding through too', async () => {
      provider.reply({
        status: 200,
        headers: [
          ['content-type', 'application/json'],
          ['content-encoding', 'gzip'],
        ],
        body: 'garbage',
      });
      assert.equal((await post(proxy.url, '/v1/messages', agentBody())).text(), 'garbage');
    });
  });

  describe('paths', () => {
    const ANTHROPIC = [
      '/v1/messages/batches',
      '/v1/messages/batches/b_1/results',
      '/v1/messages/batches/b_1/cancel',
      '/v1/complete',
    ];
    const OPENAI = [
      '/v1/responses/compact',
      '/v1/responses/r_1',
      '/v1/embeddings',
      '/v1/files',
      '/v1/files/f/content',
      '/v1/audio/speech',
      '/v1/images/generations',
      '/v1/moderations',
      '/v1/batches',
      '/v1/something/new',
    ];

    for (const path of [...ANTHROPIC, ...OPENAI]) {
      it(`${path} passes untouched with its query`, async () => {
        const body = JSON.stringify(agentBody());
        const reply = await request({
          url: `${proxy.url}${path}?beta=true&x=a%2Fb+c`,
          method: 'POST',
          headers: [['authorization', 'Bearer k']],
          body,
        });
        assert.equal(reply.status, 200);
        assert.equal(provider.last().target, `${path}?beta=true&x=a%2Fb+c`);
        assert.equal(provider.last().sha256, sha256(body));
        assert.equal(sha256(reply.body), sha256(provider.last().sent));
      });
    }

    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']) {
      it(`${method} passes`, async () => {
        const withBody = ['PUT', 'PATCH'].includes(method);
        const reply = await request({
          url: `${proxy.url}/v1/files/f_1`,
          method,
          headers: [['authorization', 'Bearer k']],
          body: withBody ? '{"a":1}' : undefined,
        });
        assert.equal(provider.last().method, method);
        assert.equal(reply.status, method === 'OPTIONS' ? 204 : 200);
        assert.equal(reply.body.length, method === 'HEAD' || method === 'OPTIONS' ? 0 : provider.last().sent.length);
        if (method === 'HEAD') assert.equal(reply.headers['content-length'], String(provider.last().sent.length));
      });
    }

    async function assertUnknown(path) {
      const reply = await request({ url: proxy.url, path, headers: [['x-api-key', 'k']] });
      assert.equal(reply.status, 404, path);
      assert.match(reply.headers['content-type'], /^application\/json/);
      assert.equal(typeof reply.json(), 'object');
      assert.equal(provider.requests().length, 0);
    }
    for (const path of ['/', '/nothing', '/v2/messages', '/favicon.ico', '/v1', '/v1messages', '//v1/models']) {
      it(`${path} is unknown: 404 as JSON, nothing forwarded`, () => assertUnknown(path));
    }
    for (const path of ['/v1/../secret', '/v1/files/../../secret', '/v1/%2e%2e/secret', '/v1/%2E./secret']) {
      it(`${path} does not leave what we carry`, () => assertUnknown(path));
    }

    it('optimises the addresses without /v1 and those of Azure', async () => {
      const chat = {
        model: 'gpt-5.1',
        messages: [
          { role: 'user', content: 'list' },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'list', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c', content: jsonRows(new Random(2), 30) },
        ],
      };
      const azure = '/openai/deployments/d-1/chat/completions?api-version=2026-01-01';
      for (const [path, body, target] of [
        ['/messages', agentBody(), '/v1/messages'],
        ['/chat/completions', chat, '/v1/chat/completions'],
        [azure, chat, azure],
        ['/openai/v1/chat/completions', chat, '/openai/v1/chat/completions'],
      ]) {
        const reply = await post(proxy.url, path, body);
        assert.ok(provider.last(), `${path} was not forwarded: ${reply.status} ${reply.text()}`);
        assert.equal(provider.last().target, target);
        assert.ok(provider.last().body.length < JSON.stringify(body).length, path);
        assert.ok(Number(reply.headers['x-headroom-tokens-saved']) > 0, path);
        provider.forget();
      }
    });
  });
});

describe('which provider', () => {
  let anthropic;
  let openai;
  let proxy;
  before(async () => {
    [anthropic, openai] = await Promise.all([startProvider(), startProvider()]);
    proxy = await startProxy({ anthropic: `${anthropic.url}/some/prefix`, openai: `${openai.url}/gateway/v1` });
  });
  after(async () => {
    await proxy.stop();
    await Promise.all([anthropic.close(), openai.close()]);
  });
  beforeEach(() => [anthropic, openai].forEach((provider) => provider.forget()));

  const ROUTES = [
    ['POST', '/v1/messages', [['x-api-key', 'k']], 'anthropic', '/some/prefix/v1/messages'],
    ['POST', '/v1/messages', [['authorization', 'Bearer k']], 'anthropic', '/some/prefix/v1/messages'],
    ['POST', '/v1/messages/count_tokens', [], 'anthropic', '/some/prefix/v1/messages/count_tokens'],
    ['GET', '/v1/messages/batches', [], 'anthropic', '/some/prefix/v1/messages/batches'],
    ['GET', '/v1/models', [['x-api-key', 'k']], 'anthropic', '/some/prefix/v1/models'],
    [
      'GET',
      '/v1/models',
      [
        ['anthropic-version', '2023-06-01'],
        ['authorization', 'Bearer k'],
      ],
      'anthropic',
      '/some/prefix/v1/models',
    ],
    ['GET', '/v1/models', [['authorization', 'Bearer k']], 'openai', '/gateway/v1/models'],
    ['GET', '/v1/models/gpt-5.1?x=1', [], 'openai', '/gateway/v1/models/gpt-5.1?x=1'],
    ['POST', '/v1/chat/completions', [['authorization', 'Bearer k']], 'openai', '/gateway/v1/chat/completions'],
    ['POST', '/v1/embeddings', [], 'openai', '/gateway/v1/embeddings'],
    ['DELETE', '/v1/files/f', [], 'openai', '/gateway/v1/files/f'],
  ];
  for (const [method, path, headers, owner, target] of ROUTES) {
    it(`${method} ${path} with ${headers.map(([name]) => name).join(', ') || 'no credential'} goes to ${owner} as ${target}`, async () => {
      await request({
        url: proxy.url + path,
        method,
        headers,
        body: method === 'POST' ? '{"model":"m","input":"x"}' : undefined,
      });
      const [chosen, other] = owner === 'anthropic' ? [anthropic, openai] : [openai, anthropic];
      assert.deepEqual(
        chosen.requests().map((r) => r.target),
        [target],
      );
      assert.equal(other.requests().length, 0);
    });
  }
});
