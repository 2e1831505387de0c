// Processes on chosen processors, and what they cost.

import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

// The processors that this process may use.
function processors() {
  const [, list] = /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

const allowed = processors();
// Proxies have a processor of their own; client and provider share the other.
export const PROXY_CPU = allowed[0];
export const LOAD_CPU = allowed[1] ?? allowed[0];

const children = new Set();

// Starts a program on one processor. It ends with this process at the latest.
export function start(cpu, program, args, options = {}) {
  const child = spawn('taskset', ['-c', `${cpu}`, program, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  child.output = '';
  child.stdout?.on('data', (data) => (child.output += data));
  child.stderr?.on('data', (data) => (child.output += data));
  children.add(child);
  child.ended = new Promise((resolve) => {
    child.on('error', (error) => {
      child.output += error.message;
      children.delete(child);
      resolve(-1);
    });
    child.on('close', (code) => {
      children.delete(child);
      resolve(code);
    });
  });
  return child;
}

export async function stop(child) {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await child.ended;
  clearTimeout(timer);
}

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

// Seconds that all threads of a process have run, by the scheduler's clock in
// nanoseconds; threads that have ended do not count.
export function cpuSeconds(pid) {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      // It ended meanwhile.
    }
  }
  return nanoseconds / 1e9;
}

export function residentMegabytes(pid) {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
