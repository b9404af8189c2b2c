import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Environment } from '../../src/runtime/settings.ts';
import { type RedisServer, startRedis } from '../support/redisServer.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { type System, startSystem } from '../support/system.ts';
import { soundSettings } from './soundSetup.ts';
import { startDoctor } from './startDoctor.ts';

describe('npm run doctor', () => {
  let [tenant, system, redis, folder]: [RunningTenant?, System?, RedisServer?, string?] = [];
  let sound: Environment;

  beforeAll(async () => {
    [tenant, system, redis, folder] = await Promise.all([
      startTenant(),
      startSystem(),
      startRedis(),
      mkdtemp(join(tmpdir(), 'doctor-')),
    ]);
    sound = soundSettings(tenant, system, redis.url);
  });
  afterAll(async () => {
    await Promise.all([tenant?.stop(), system?.stop(), redis?.stop(), folder && rm(folder, { recursive: true })]);
  });

  /** Runs the command in a folder with only these settings in `.env`. */
  async function doctor(settings: Environment, ...args: string[]) {
    const cwd = String(folder);
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    await writeFile(join(cwd, '.env'), lines.join('\n'), { mode: 0o600 });
    const program = startDoctor(args, cwd);
    const { code } = await program.exited;
    return { code, stdout: program.result(), output: program.output() };
  }

  test('exits with 0 and prints one line per check in a correct setup', async () => {
    const { code, output } = await doctor(sound);
    expect(code).toBe(0);
    const lines = output.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^\d+ ok, 6 unchecked, 0 warn, 0 fail$/);
    expect(lines.slice(0, -1).every((line) => /^(ok|unchecked) +\S.*: \S/.test(line))).toBe(true);
  });

  test('exits with 1 if anything fails, and prints the failure and its fix last', async () => {
    const { code, output } = await doctor({ ...sound, CLIENT_SECRET: 'not-the-secret' });
    expect(code).toBe(1);
    const [failure, counts] = output.trimEnd().split('\n').slice(-2);
    expect(failure).toMatch(/^fail {7}credential: .*AADSTS7000215.*\. Fix: copy the secret's Value/);
    expect(counts).toMatch(/ 1 fail$/);
    expect(output).not.toContain('not-the-secret');
  });

  test('exits with 0 if it only warns', async () => {
    const { code, output } = await doctor({ ...sound, TENANT_ID: '' });
    expect(code).toBe(0);
    expect(output).toMatch(/^warn {7}tenant id: .*Fix: set TENANT_ID=/m);
  });

  test('with --json prints one object with the findings', async () => {
    const { code, stdout } = await doctor({ ...sound, TODO_API_URL: 'http://localhost:9' }, '--json');
    expect(code).toBe(1);
    const { sound: isSound, findings } = JSON.parse(stdout);
    expect(isSound).toBe(false);
    expect(findings).toContainEqual(expect.objectContaining({ status: 'fail', name: 'to-do API' }));
    expect(Object.keys(findings[0])).toEqual(['status', 'name', 'cause', 'fix']);
  });

  test('with --only checks one program', async () => {
    const { code, output } = await doctor({ ...sound, CLIENT_SECRET: '' }, '--only', 'api');
    expect(code).toBe(0);
    expect(output).toMatch(/api settings: complete/);
    expect(output).not.toMatch(/web settings|headless|credential/);
    expect((await doctor({ ...sound, TODO_API_CLIENT_ID: '' }, '--only', 'api')).code).toBe(1);
  });

  test.each([[['--only', 'tenant']], [['--fix']], [['now']]])('%j prints the usage', async (args) => {
    const { code, output } = await doctor(sound, ...args);
    expect(code).toBe(2);
    expect(output).toMatch(/Usage: npm run doctor/);
  });
});
