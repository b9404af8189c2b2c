/*
 * How the local tenant bears a crowd; by hand: npx tsx local-tenant/test/load.ts
 * A hundred sign-ins at once, then 1,000 token requests a second for ten seconds, with the tenant's memory before and after.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/support/freePort.ts';
import { readTenantConfig } from '../src/config.ts';
import { daemon, todoApi } from '../src/seed/apps.ts';
import { signInAndCompare, writeCrowd } from './crowd.ts';

const seconds = 10;
const perTick = 10;
const agent = new Agent({ keepAlive: true, maxSockets: 50 });
const form = new URLSearchParams({
  client_id: daemon.clientId,
  client_secret: daemon.secret,
  grant_type: 'client_credentials',
  scope: `${todoApi.identifierUri}/.default`,
}).toString();

const folder = await mkdtemp(join(tmpdir(), 'crowd-'));
const TENANT_FILE = join(folder, 'tenant.json');
const emails = await writeCrowd(TENANT_FILE, 100);
const PORT = String(await freePort());
const env = { ...process.env, PORT, TENANT_FILE };
const child = spawn(process.execPath, ['local-tenant/bin.js'], { env, stdio: 'ignore' });
try {
  const { baseUrl: origin, tenantId } = readTenantConfig({ PORT });
  await untilReady(origin);
  console.log(`At the start: ${await residentMegabytes(child)} MB`);
  const began = performance.now();
  const differences = await Promise.all(emails.map((email) => signInAndCompare({ origin, tenantId }, email)));
  const tookMs = Math.round(performance.now() - began);
  console.log(
    `100 sign-ins at once: ${tookMs} ms, ${differences.flat().length} mixed; ${await residentMegabytes(child)} MB`,
  );
  for (const round of [1, 2, 3]) {
    console.log(
      `Round ${round}: ${await tokenLoad(`${origin}/${tenantId}/oauth2/v2.0/token`)}; ${await residentMegabytes(child)} MB`,
    );
  }
} finally {
  child.kill();
  agent.destroy();
  await rm(folder, { recursive: true });
}

/** Sends 1,000 requests a second, whether they are answered or not. */
async function tokenLoad(url: string): Promise<string> {
  const waiting: Promise<number>[] = [];
  const began = performance.now();
  for (let tick = 0; tick < seconds * (1000 / perTick); tick += 1) {
    for (let count = 0; count < perTick; count += 1) waiting.push(askToken(url));
    await delay(Math.max(0, began + (tick + 1) * perTick - performance.now()));
  }
  const times = (await Promise.all(waiting)).sort((one, other) => one - other);
  const at = (share: number) => Math.round(times[Math.floor(times.length * share)] ?? 0);
  const tookSeconds = ((performance.now() - began) / 1000).toFixed(1);
  return `${times.length} tokens in ${tookSeconds} s, half within ${at(0.5)} ms, 99 % within ${at(0.99)} ms`;
}

/** @returns milliseconds */
function askToken(url: string): Promise<number> {
  const began = performance.now();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': form.length };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`Status ${response.statusCode}`));
      response.resume().on('end', () => resolve(performance.now() - began));
    });
    sent.on('error', reject).end(form);
  });
}

async function residentMegabytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

async function untilReady(origin: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const isReady = await fetch(`${origin}/livez`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await delay(50);
  }
  throw new Error('The tenant does not start');
}
