// The parties of a benchmark: one provider, and before it headroom and nginx.
//
//   const bench = await Bench.open();
//   const nginx = await bench.nginx();        { name, port, pid }
//   const headroom = await bench.headroom();
//   await bench.load(nginx, { path: '/v1/messages', body: bytes, connections: 16, seconds: 2 });
//   await bench.close();

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { LOAD_CPU, PROXY_CPU, cpuSeconds, sleep, start, stop } from './machine.mjs';

const HEADROOM = resolve(process.env.HEADROOM_BIN ?? 'build/release/headroom');

function freePort() {
  return new Promise((done, fail) => {
    const server = net.createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

function canConnect(port) {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => done(true)).on('error', () => done(false));
    socket.on('connect', () => socket.destroy());
  });
}

// One worker without files: what carrying bytes costs at least.
function nginxConfiguration(port, upstreamPort, folder) {
  return `daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 4096; }
http {
  access_log off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  client_max_body_size 128m;
  client_body_buffer_size 1m;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream provider { server 127.0.0.1:${upstreamPort}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
    }
  }
}
`;
}

export class Bench {
  static async open() {
    const bench = new Bench();
    bench.folder = mkdtempSync(join(tmpdir(), 'headroom-bench-'));
    bench.children = [];
    bench.bodies = new Map();
    const upstream = start(LOAD_CPU, join(dirname(HEADROOM), 'bench_upstream'), []);
    bench.children.push(upstream);
    for (let i = 0; i < 500 && !upstream.output.includes('\n'); ++i) await sleep(10);
    const port = Number(upstream.output);
    if (!port) throw new Error(`bench_upstream: ${upstream.output || 'no answer'} (./dev bench builds it)`);
    bench.direct = { name: 'direct', port, pid: upstream.pid };
    return bench;
  }

  // Resolves once the program listens; `child` and how long that took are with it.
  async #proxy(name, program, args) {
    const port = await freePort();
    const folder = join(this.folder, `${name}-${port}`);
    mkdirSync(folder);
    const begin = performance.now();
    const child = start(PROXY_CPU, program, args(port, folder));
    this.children.push(child);
    while (!(await canConnect(port))) {
      if (child.exitCode !== null || performance.now() - begin > 20_000) throw new Error(`${name}: ${child.output}`);
      await sleep(1);
    }
    return { name, port, pid: child.pid, child, begin };
  }

  nginx() {
    return this.#proxy('nginx', 'nginx', (port, folder) => {
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, nginxConfiguration(port, this.direct.port, folder));
      return ['-e', join(folder, 'error.log'), '-p', folder, '-c', file];
    });
  }

  headroom(...options) {
    const url = `http://127.0.0.1:${this.direct.port}`;
    return this.#proxy('headroom', HEADROOM, (port, folder) => [
      ...['proxy', '--port', `${port}`, '--workers', '1', '--log-level', 'warning', '--data-dir', folder, '--rpm', '0'],
      ...['--anthropic-api-url', url, '--openai-api-url', url, ...options],
    ]);
  }

  // Runs bench_load against one party. To what it prints this adds the processor
  // time of the party in that time, `cpu` seconds. Any answer but 200 is an error.
  async load({ name, port, pid }, { body, ...options }) {
    const args = Object.entries({ port, ...options }).map(([key, value]) => `${key}=${value}`);
    if (body !== undefined) args.push(`body=${this.#fileOf(body)}`);
    const before = cpuSeconds(pid);
    const child = start(LOAD_CPU, join(dirname(HEADROOM), 'bench_load'), args);
    const code = await child.ended;
    const cpu = cpuSeconds(pid) - before;
    if (code !== 0) throw new Error(`bench_load: ${child.output}`);
    const result = { ...JSON.parse(child.output), cpu };
    if (result.errors > 0 || result.requests === 0) throw new Error(`${name}: ${child.output}`);
    return result;
  }

  // One request outside the measurement; resolves to the answer's headers.
  async post({ name, port }, body) {
    const response = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'sk-bench', 'anthropic-version': '2023-06-01' },
      body,
    });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`${name}: ${response.status}`);
    return response.headers;
  }

  #fileOf(body) {
    if (!this.bodies.has(body)) {
      const file = join(this.folder, `body-${this.bodies.size}`);
      writeFileSync(file, body);
      this.bodies.set(body, file);
    }
    return this.bodies.get(body);
  }

  async close() {
    for (const child of this.children) await stop(child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
