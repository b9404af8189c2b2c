import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { seededPassword } from 'entra-local-tenant';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { maxDescriptionLength, maxTodosPerOwner } from '../../src/models/todo.ts';
import { Browser } from '../support/Browser.ts';
import { type Programs, startPrograms } from '../support/programs.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';

// One customer with the largest list there is, who aborts requests and reads slowly, while another looks at the home page.

let redis: RedisServer;
let programs: Programs;
let attacker: string;
let other: Browser;

beforeAll(async () => {
  redis = await startRedis();
  programs = await startPrograms(redis.url, { api: { WRITES_PER_MINUTE: '100000' } });
  const browser = await signedIn('alice@example.com');
  // The longest text in HTML: each sign becomes five characters.
  const body = () =>
    new URLSearchParams({ ...browser.form('Add').fields, description: '"'.repeat(maxDescriptionLength) });
  for (let count = 0; count < maxTodosPerOwner; count += 1) {
    await browser.fetch(`${programs.web.url}/todos`, { method: 'POST', body: body() });
  }
  attacker = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
  other = await signedIn('bob@example.com');
}, 300_000);

afterAll(async () => {
  await programs.stop();
  await redis.stop();
});

async function signedIn(email: string): Promise<Browser> {
  const browser = new Browser();
  await browser.goto(`${programs.web.url}/auth/signin?returnTo=/todos`);
  await browser.submit('Next', { email });
  await browser.submit('Sign in', { password: seededPassword });
  return browser;
}

/** The 95th percentile of the home page's times, 20 a second for 20 s. */
async function homePage(): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 400; count += 1) {
    const start = performance.now();
    const response = await other.fetch(`${programs.web.url}/`);
    await response.text();
    times.push(performance.now() - start);
    await delay(50);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)] ?? 0;
}

/** Asks for the list 40 times a second, and leaves 15 ms later. @returns what ends it */
function abortRequests(): () => void {
  const headers = { cookie: attacker, accept: 'text/html' };
  const timer = setInterval(() => {
    const visit = request(`${programs.web.url}/todos`, { headers, agent: false }).on('error', () => {});
    visit.end();
    setTimeout(() => visit.destroy(), 15);
  }, 25);
  return () => clearInterval(timer);
}

function openSlowReader(): Socket {
  const { port, host } = new URL(programs.web.url);
  const socket = connect({ port: Number(port), host: 'localhost' }).on('error', () => {});
  socket.pause().write(`GET /todos HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nCookie: ${attacker}\r\n\r\n`);
  return socket;
}

/** Resident memory of the web app in MB. */
function memory(): number {
  const status = readFileSync(`/proc/${programs.web.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

test("aborted requests and slow readers of a full list leave others' pages fast and the memory small", async () => {
  await homePage();
  const quietMs = await homePage();
  const quietMb = memory();
  const stop = abortRequests();
  const readers = Array.from({ length: 30 }, openSlowReader);
  const attackedMs = await homePage();
  const attackedMb = memory();
  stop();
  await delay(60_000);
  const afterMb = memory();
  for (const reader of readers) reader.destroy();
  console.log(
    `home page p95: ${(attackedMs / quietMs).toFixed(2)} of its quiet time (${quietMs.toFixed(1)} ms); ` +
      `memory: ${(attackedMb / quietMb).toFixed(2)} during, ${(afterMb / quietMb).toFixed(2)} a minute later (${quietMb.toFixed(0)} MB)`,
  );
  expect(attackedMs / quietMs).toBeLessThan(2);
  expect(afterMb / quietMb).toBeLessThan(1.5);
});
