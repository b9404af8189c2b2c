import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Browser } from './support/Browser.ts';
import { type ProgramName, type StartedProgram, startProgram } from './support/childProcess.ts';
import { freePort, isPortFree } from './support/freePort.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function start(name: ProgramName, env: Record<string, string>, cwd?: string): Promise<StartedProgram> {
  const program = await startProgram(name, env, cwd);
  cleanups.push(() => program.stop());
  return program;
}

async function ports() {
  const [PORT, API_PORT, TENANT_PORT] = [await freePort(), await freePort(), await freePort()].map(String);
  return { PORT: PORT ?? '', API_PORT: API_PORT ?? '', TENANT_PORT: TENANT_PORT ?? '' };
}

async function folderWithSettings(settings: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dev-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, '.env'), lines.join(''));
  return folder;
}

async function areFree(given: Record<string, string>): Promise<boolean[]> {
  return Promise.all(Object.values(given).map((port) => isPortFree(Number(port))));
}

const withLongStart = { timeout: 60_000 };

describe('npm run dev', withLongStart, () => {
  test('starts all three, says what to open and whom to sign in as, and stops all on Ctrl-C', async () => {
    const env = await ports();
    const dev = await start('dev', env);
    await dev.prints(/Stop {6}Ctrl-C\n/);
    expect(dev.output()).toContain(`Open      http://localhost:${env.PORT}\n`);
    expect(dev.output()).toMatch(/Sign in {3}as alice@example\.com or bob@example\.com with the password \S+\n/);
    expect(dev.output()).toContain(`http://localhost:${env.TENANT_PORT}/inbox\n`);

    const pages = [
      `${dev.url}/`,
      `http://localhost:${env.TENANT_PORT}/inbox`,
      `http://localhost:${env.API_PORT}/readyz`,
    ];
    const answers = await Promise.all(pages.map((page) => fetch(page)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const signIn = await fetch(`${dev.url}/auth/signin`, { redirect: 'manual' });
    expect(signIn.headers.get('location')).toMatch(`http://localhost:${env.TENANT_PORT}/`);

    expect(dev.output()).toMatch(/^tenant \| \S/m);
    expect(dev.output()).toMatch(/^api {4}\| \S/m);
    expect(dev.output()).toMatch(/^web {4}\| \S/m);
    expect(await dev.stop('SIGINT')).toEqual({ code: 0, signal: null });
    // Each program was told once, by SIGTERM: told by the terminal as well, it would cut its open requests.
    expect(dev.output().match(/SIG[A-Z]+: finishing open requests/g)).toEqual(
      Array.from({ length: 3 }, () => 'SIGTERM: finishing open requests'),
    );
    expect(await areFree(env)).toEqual([true, true, true]);
  });

  test('stops the rest when one program ends, with its exit code', async () => {
    const env = await ports();
    // The web app refuses this setting; by then the local tenant is running.
    const dev = await start('dev', { ...env, SESSION_IDLE_MINUTES: 'never' });
    expect(await dev.exited).toEqual({ code: 1, signal: null });
    expect(dev.output()).toMatch(/^web {4}\| .*SESSION_IDLE_MINUTES must be/m);
    expect(dev.output()).toContain('the web app ended (exit code 1); all is stopped.');
    expect(dev.output()).not.toContain('Ready.');
    expect(await areFree(env)).toEqual([true, true, true]);
  });

  test('names every taken port with its program and setting before it starts anything', async () => {
    const env = await ports();
    const others = [Number(env.API_PORT), Number(env.TENANT_PORT)].map((port) => createServer().listen(port));
    cleanups.push(() => others.forEach((other) => void other.close()));
    await Promise.all(others.map((other) => other.listening || once(other, 'listening')));
    const dev = await start('dev', env);
    expect(await dev.exited).toEqual({ code: 1, signal: null });
    expect(dev.output().split('\n')).toEqual([
      `Port ${env.TENANT_PORT} is taken, and the local tenant needs it. Stop what uses it, or set TENANT_PORT to another port.`,
      `Port ${env.API_PORT} is taken, and the to-do API needs it. Stop what uses it, or set API_PORT to another port.`,
      '',
    ]);
  });

  test('refuses one port for two programs', async () => {
    const port = String(await freePort());
    const dev = await start('dev', { ...(await ports()), PORT: port, API_PORT: port });
    expect(await dev.exited).toEqual({ code: 1, signal: null });
    expect(dev.output()).toMatch(new RegExp(`^Port ${port} is taken, and the web app needs it`));
  });

  test('refuses a port that is none, without a stack', async () => {
    const dev = await start('dev', { PORT: '3000', API_PORT: 'x' });
    expect(await dev.exited).toEqual({ code: 1, signal: null });
    expect(dev.output()).toContain('API_PORT must be a whole number from 1 to 65535');
    expect(dev.output()).not.toContain('    at ');
  });
});

describe('npm run dev with a TENANT_FILE', withLongStart, () => {
  const clientId = '00001111-aaaa-2222-bbbb-3333cccc4444';
  const apiId = '00001111-aaaa-2222-bbbb-3333cccc5555';

  async function fileWith(redirectUri: string): Promise<string> {
    const folder = await folderWithSettings({});
    const app = { clientId, displayName: 'Mine', redirectUris: [redirectUri], secrets: [{ value: 'a secret' }] };
    const scopes = ['ToDoList.Read', 'ToDoList.ReadWrite'];
    const api = { clientId: apiId, displayName: 'API', identifierUri: `api://${apiId}`, scopes };
    const customer = { oid: clientId, email: 'ada@example.com', displayName: 'Ada', password: 'Correct-horse-7' };
    const path = join(folder, 'tenant.json');
    await writeFile(path, JSON.stringify({ displayName: 'Fabrikam', apps: [app], apis: [api], customers: [customer] }));
    return path;
  }

  test('takes the ids of the web app and the API from it, so that its customers sign in', async () => {
    const env = await ports();
    const dev = await start('dev', { ...env, TENANT_FILE: await fileWith('http://localhost/auth/redirect') });
    await dev.prints(/Stop {6}Ctrl-C\n/);
    expect(dev.output()).toContain('Sign in   as ada@example.com with the password Correct-horse-7\n');
    const browser = new Browser();
    await browser.goto(`${dev.url}/todos`);
    await browser.submit('Next', { email: 'ada@example.com' });
    await browser.submit('Sign in', { password: 'Correct-horse-7' });
    expect([browser.page.status, browser.page.url.href]).toEqual([200, `${dev.url}/todos`]);
  });

  test('says what the file lacks before it starts anything', async () => {
    const env = await ports();
    const TENANT_FILE = await fileWith('http://localhost/another/path');
    const dev = await start('dev', { ...env, TENANT_FILE });
    expect(await dev.exited).toEqual({ code: 1, signal: null });
    expect(dev.output()).toContain(
      `${TENANT_FILE} has no app with a secret and the redirect URI http://localhost:${env.PORT}/auth/redirect`,
    );
    expect(dev.output()).not.toMatch(/^tenant \|| {4}at /m);
  });
});

describe('npm run dev with a tenant of one’s own in .env', withLongStart, () => {
  const app = '00001111-aaaa-2222-bbbb-3333cccc4444';

  test('uses that tenant, starts no other, and says so', async () => {
    const tenantId = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
    const tenant = await start('tenant', { TENANT_SUBDOMAIN: 'fabrikam', TENANT_ID: tenantId });
    await tenant.answers('/livez');
    const cwd = await folderWithSettings({
      TENANT_SUBDOMAIN: 'fabrikam',
      TENANT_ID: tenantId,
      CLIENT_ID: app,
      CLIENT_SECRET: 'a-secret-of-ones-own',
      TODO_API_CLIENT_ID: app,
      METADATA_URL: `${tenant.url}/${tenantId}/v2.0/.well-known/openid-configuration`,
    });
    const env = await ports();
    const dev = await start('dev', env, cwd);
    await dev.prints(/Stop {6}Ctrl-C\n/);
    expect(dev.output()).toContain('use your tenant fabrikam');
    expect(dev.output()).not.toMatch(/^tenant \|/m);
    expect(dev.output()).not.toContain('alice@example.com');
    const signIn = await fetch(`${dev.url}/auth/signin`, { redirect: 'manual' });
    expect(signIn.headers.get('location')).toMatch(`${tenant.url}/`);
    expect(await dev.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await areFree(env)).toEqual([true, true, true]);
  });

  test('names what is missing when the settings are not complete', async () => {
    const env = await ports();
    const dev = await start(
      'dev',
      env,
      await folderWithSettings({ TENANT_SUBDOMAIN: 'fabrikam', TODO_API_CLIENT_ID: app }),
    );
    expect(await dev.exited).toEqual({ code: 1, signal: null });
    expect(dev.output()).toMatch(/^web {4}\| .*CLIENT_ID is missing/m);
    expect(dev.output()).toMatch(/^web {4}\| .*CLIENT_SECRET is missing/m);
    expect(await areFree(env)).toEqual([true, true, true]);
  });
});
