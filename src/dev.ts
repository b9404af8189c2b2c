import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readTenantConfig, readTenantFacts } from 'entra-local-tenant';
import { type DevPlan, isSettingsError, type Program, planDev } from './devSettings.ts';
import { loadEnvFile } from './runtime/envFile.ts';

const startMs = 60_000;
const stopMs = 15_000;
const titles = { tenant: 'the local tenant', api: 'the to-do API', web: 'the web app' } as const;

process.exit(await main());

async function main(): Promise<number> {
  const plan = await prepare();
  if (!plan) return 1;
  const children: ChildProcess[] = [];
  const stopping = new AbortController();
  // However this process ends, no program keeps its port.
  process.on('exit', () => children.forEach((child) => void child.kill('SIGKILL')));
  const exitCode = await new Promise<number>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0));
    process.stdout.on('error', () => end(1));
    const launch = (program: Program) => children.push(start(program, stopping.signal, end));
    void run(plan, launch, stopping.signal).catch((error: Error) => {
      if (!stopping.signal.aborted) console.error(error.message);
      end(1);
    });
  });
  stopping.abort();
  await Promise.all(children.map(stop));
  return exitCode;
}

/** What to start. Prints why and returns undefined if the settings or a taken port prevent it. */
async function prepare(): Promise<DevPlan | undefined> {
  try {
    loadEnvFile(process.env);
    const { TENANT_FILE } = process.env;
    const plan = await planDev(process.env, (port, redirectUri) =>
      readTenantFacts(readTenantConfig({ PORT: String(port), TENANT_FILE }), redirectUri),
    );
    const taken = await takenPorts(plan.programs);
    if (taken.length === 0) return plan;
    for (const { port, name, portSetting } of taken) {
      console.error(
        `Port ${port} is taken, and ${titles[name]} needs it. Stop what uses it, or set ${portSetting} to another port.`,
      );
    }
  } catch (error) {
    if (!isSettingsError(error)) throw error;
    console.error(error.message);
  }
  return undefined;
}

/** The programs whose port is taken. Holds each port until all are tried, because two programs may have the same. */
async function takenPorts(programs: readonly Program[]): Promise<Program[]> {
  const held = programs.map((program) => ({ program, server: createServer() }));
  const taken: Program[] = [];
  for (const { program, server } of held) {
    const listening = once(server.listen(program.port), 'listening');
    await listening.catch(() => taken.push(program));
  }
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  return taken;
}

/** Starts the tenant first, because the others read its metadata, then the others. */
async function run({ programs, welcome }: DevPlan, launch: (program: Program) => void, stopping: AbortSignal) {
  const tenant = programs.filter(({ name }) => name === 'tenant');
  const others = programs.filter(({ name }) => name !== 'tenant');
  for (const group of [tenant, others]) {
    group.forEach(launch);
    await Promise.all(group.map((program) => untilReady(program, stopping)));
  }
  console.log(`\n${welcome}\n`);
}

function start({ name, environment }: Program, stopping: AbortSignal, end: (code: number) => void): ChildProcess {
  const command =
    name === 'tenant'
      ? [fileURLToPath(import.meta.resolve('entra-local-tenant/bin.js')), '--quiet']
      : ['--import', import.meta.resolve('tsx'), join(import.meta.dirname, name, 'server.ts')];
  const child = spawn(process.execPath, command, {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A terminal sends Ctrl-C to the whole process group, and a second signal makes a program drop its open requests.
    // So each program gets a group of its own. On Windows that would open a console window.
    detached: process.platform !== 'win32',
  });
  const prefix = `${name.padEnd(6)} |`;
  createInterface({ input: child.stdout }).on('line', (line) => console.log(prefix, line));
  createInterface({ input: child.stderr }).on('line', (line) => console.error(prefix, line));
  child.on('error', (error) => {
    console.error(prefix, error.message);
    end(1);
  });
  child.on('close', (code, signal) => {
    if (!stopping.aborted) console.error(`\n${titles[name]} ended (${signal ?? `exit code ${code}`}); all is stopped.`);
    end(code ?? 1);
  });
  return child;
}

async function untilReady({ name, port, readyPath }: Program, stopping: AbortSignal): Promise<void> {
  const url = `http://localhost:${port}${readyPath}`;
  let answer = 'no answer';
  for (const deadline = Date.now() + startMs; Date.now() < deadline; ) {
    try {
      const response = await fetch(url, { signal: AbortSignal.any([stopping, AbortSignal.timeout(5_000)]) });
      if (response.ok) return;
      answer = `${response.status} ${await response.text()}`;
    } catch {
      stopping.throwIfAborted();
    }
    await delay(100, undefined, { signal: stopping });
  }
  throw new Error(`${titles[name]} is not ready after ${startMs / 1000} s: ${url} says ${answer}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await closed;
  clearTimeout(kill);
}
