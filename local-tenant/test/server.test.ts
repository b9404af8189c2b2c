import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort } from '../../test/support/freePort.ts';
import { readTenantConfig, tenantSettings } from '../src/config.ts';
import { SettingsError } from '../src/runtime/settings.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Starts the compiled program; `ready` resolves once it has printed all of its first lines, or has ended. */
function start(environment: Readonly<Record<string, string>>, options: readonly string[] = []) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['local-tenant/bin.js', ...options], {
    cwd: root,
    env: { PATH, ...environment },
  });
  let output = '';
  const ended = once(child, 'exit').then(([code]) => ({ code, output }));
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      if (output.includes(options.length > 0 ? '/inbox)' : 'ALLOWED_CLIENT_IDS')) resolve();
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('exit', () => resolve());
  });
  return { child, ended, ready, read: () => output };
}

test('the program prints its address, the sign-ins and the settings, and stops on a signal', async () => {
  const { child, ended, ready, read } = start({ PORT: '0', BASE_URL: 'http://localhost:3002' });
  await ready;
  expect(read()).toContain('The local tenant is at http://localhost:3002');
  expect(read()).toContain('alice@example.com or bob@example.com');
  expect(read()).toMatch(
    /METADATA_URL=http:\/\/localhost:3002\/[0-9a-f-]{36}\/v2\.0\/\.well-known\/openid-configuration/,
  );
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});

test('with --quiet it prints its address alone, and oidc-provider does not warn about Node 20', async () => {
  const { child, ended, ready, read } = start({ PORT: '0', BASE_URL: 'http://localhost:3002' }, ['--quiet']);
  await ready;
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  const lines = read().trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/ tenant The local tenant is at http:\/\/localhost:3002 /);
  expect(lines[1]).toMatch(/ tenant SIGTERM: finishing open requests$/);
});

test('--help explains every option and setting', async () => {
  const { code, output } = await start({ NODE_ENV: 'production' }, ['--help']).ended;
  expect(code).toBe(0);
  for (const name of [...Object.keys(tenantSettings.shape), '--tls', '--hosts', '--write', '--empty', '--quiet']) {
    expect(output).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  }
});

test.each([
  ['an unknown option', '--port', "Unknown option '--port'"],
  ['--write alone', '--write', '--write is for --hosts'],
  ['an argument', 'start', "Unexpected argument 'start'"],
])('%s is refused, and the answer points to --help', async (_case, option, problem) => {
  const { code, output } = await start({}, [option]).ended;
  expect(code).toBe(1);
  expect(output).toContain(problem);
  expect(output).toContain('Run entra-local-tenant --help for the options.');
  expect(output.trimEnd().split('\n')).toHaveLength(1);
});

test.each(['SIGTERM', 'SIGHUP'] as const)(
  'with --hosts --write, the hosts file sends Entra’s names to the program until %s',
  async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'tenant-'));
    const hosts = join(folder, 'System32/drivers/etc/hosts');
    await mkdir(dirname(hosts), { recursive: true });
    await writeFile(hosts, '127.0.0.1 localhost\n');
    const { child, ended, ready } = start({ SystemRoot: folder, PORT: String(await freePort()) }, [
      '--hosts',
      '--write',
    ]);
    await ready;
    const during = await readFile(hosts, 'utf8');
    child.kill(signal);
    expect((await ended).code).toBe(0);
    expect(during).toMatch(/^127\.0\.0\.2 contoso\.ciamlogin\.com .*# entra-local-tenant --write$/m);
    expect(await readFile(hosts, 'utf8')).toBe('127.0.0.1 localhost\n');
    await rm(folder, { recursive: true });
  },
);

test('the program refuses to run in production', async () => {
  const { code, output } = await start({ NODE_ENV: 'production' }).ended;
  expect(code).toBe(1);
  expect(output).toContain('The local tenant is for development only');
  expect(output).not.toContain('    at ');
});

test('the program names every problem of its settings, without a stack', async () => {
  const { code, output } = await start({ PORT: 'x', TENANT_ID: 'y' }).ended;
  expect(code).toBe(1);
  expect(output).toContain('PORT must be a port number');
  expect(output).toMatch(/^ {2}- TENANT_ID must be a GUID/m);
  expect(output).not.toContain('    at ');
});

test('settings have defaults, and the address follows the port', () => {
  expect(readTenantConfig({})).toMatchObject({ port: 3002, baseUrl: 'http://localhost:3002', subdomain: 'contoso' });
  expect(readTenantConfig({ PORT: '4000' }).baseUrl).toBe('http://localhost:4000');
  expect(readTenantConfig({ BASE_URL: 'https://tenant.test/' }).baseUrl).toBe('https://tenant.test');
  expect(() => readTenantConfig({ BASE_URL: 'nonsense' })).toThrow(SettingsError);
  expect(() => readTenantConfig({ PORT: '0' })).toThrow(
    'PORT must not be 0 without BASE_URL, because the metadata names it',
  );
});
