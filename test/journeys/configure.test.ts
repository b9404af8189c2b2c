import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAsAdministrator } from '../support/administratorSteps.ts';
import { Browser } from '../support/Browser.ts';
import { type StartedProgram, startProgram } from '../support/childProcess.ts';
import { freePort } from '../support/freePort.ts';
import { newestCode } from '../support/TenantBrowser.ts';

describe.each(['secret', 'certificate'] as const)(
  'an empty local tenant, configured with a %s',
  { timeout: 90_000 },
  (credential) => {
    const started: StartedProgram[] = [];
    let tenant: StartedProgram;
    let folder = '';
    let webPort = 0;
    let planBefore = '';

    beforeAll(async () => {
      tenant = await startProgram('tenant', { TENANT_EMPTY: '1' });
      started.push(tenant);
      await tenant.answers('/livez');
      folder = await mkdtemp(join(tmpdir(), 'configure-'));
      await writeFile(join(folder, '.env'), '# Mine.\nSESSION_IDLE_MINUTES=30 # half an hour\nCLIENT_ID=\n');
      webPort = await freePort();
    });
    afterAll(async () => {
      await Promise.all(started.map((program) => program.stop()));
      await rm(folder, { recursive: true });
    });

    const run = (...args: string[]) => {
      const METADATA_URL = `${tenant.url}/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration`;
      return runAsAdministrator([...args, '--local'], folder, { METADATA_URL });
    };
    const envFile = () => readFile(join(folder, '.env'), 'utf8');
    const start = async (...given: Parameters<typeof startProgram>) => {
      const program = await startProgram(...given);
      started.push(program);
      await program.answers('/readyz');
      return program;
    };

    test('shows the plan and changes nothing with --dry-run', async () => {
      const { code, stdout } = await run('configure', '--credential', credential, '--dry-run', '--json');
      expect(code).toBe(0);
      planBefore = stdout.split('\n').find((line) => line.startsWith('{"plan"')) ?? '';
      expect(planBefore).toContain('"kind":"create"');
      expect(planBefore).not.toContain('"kind":"change"');
      expect(await readdir(folder)).toEqual(['.env']);
    });

    test('gets everything registered and writes the values to .env', async () => {
      const options = ['--credential', credential, '--base-url', `http://localhost:${webPort}`];
      const { code, output } = await run('configure', ...options, '--yes');
      expect([code, output]).toEqual([0, expect.stringContaining('Done.')]);
      const text = await envFile();
      expect(text).toMatch(/^# Mine\.\nSESSION_IDLE_MINUTES=30 # half an hour\nCLIENT_ID=[0-9a-f-]{36}\n/);
      const { CLIENT_SECRET = '', CLIENT_CERTIFICATE_PATH = '', CLIENT_ID = '' } = parse(text);
      if (credential === 'secret') expect([CLIENT_SECRET.length > 20, CLIENT_CERTIFICATE_PATH]).toEqual([true, '']);
      else expect([CLIENT_SECRET, (await stat(CLIENT_CERTIFICATE_PATH)).mode & 0o777]).toEqual(['', 0o600]);
      const summary = await readFile(join(folder, 'createdApps.html'), 'utf8');
      expect(summary).toContain(CLIENT_ID);
      for (const secret of [CLIENT_SECRET, parse(text).SESSION_SECRET]) {
        if (secret) expect([output, summary].join()).not.toContain(secret);
      }
    });

    test('lets a customer sign up through the new user flow, and use the to-do list', async () => {
      const api = await start('api', {}, folder);
      const web = await start('web', { PORT: String(webPort), TODO_API_URL: api.url }, folder);
      const browser = new Browser();
      await browser.goto(`${web.url}/auth/signin?prompt=create&returnTo=/todos`);
      await browser.submit('Next', { email: 'carol@example.com' });
      await browser.submit('Continue', { code: await newestCode(tenant.url, 'carol@example.com') });
      const account = { password: 'A-good-one-7', confirmPassword: 'A-good-one-7', displayName: 'Carol Cooper' };
      const page = await browser.submit('Create account', account);
      expect([page.status, page.url.href]).toEqual([200, `${web.url}/todos`]);
      await browser.submit('Add', { description: 'Buy milk' });
      expect(browser.text()).toContain('Buy milk');
    });

    test('has nothing left to do and leaves .env unchanged', async () => {
      const before = await envFile();
      const { code, output } = await run('configure', '--yes');
      expect([code, output]).toEqual([0, expect.stringContaining('Nothing to do.')]);
      expect(await envFile()).toBe(before);
    });

    test('gets a new credential beside the old one, which is removed at the end', async () => {
      const before = parse(await envFile());
      expect((await run('rotate', '--yes')).output).toContain('Done.');
      const after = parse(await envFile());
      const name = credential === 'secret' ? 'CLIENT_SECRET' : 'CLIENT_CERTIFICATE_PATH';
      expect(after).toEqual({ ...before, [name]: after[name] });
      expect(after[name]).not.toBe(before[name]);
      expect((await run('rotate', '--finish', '--yes')).stdout).toMatch(
        /- remove {2}\w+ entra-external-id-sample .*\nDone\.\n$/,
      );
      expect((await run('rotate', '--finish', '--yes')).stdout).toMatch(/Nothing to do\.\n$/);
      expect((await run('configure', '--yes')).stdout).toContain('Nothing to do.');
    });

    test('is as before after cleanup, and .env has lost its values', async () => {
      const { code, output } = await run('cleanup', '--purge', '--yes');
      expect([code, output]).toEqual([0, expect.stringContaining('Done.')]);
      const left = Object.entries(parse(await envFile())).filter(([, value]) => value !== '');
      expect(left.map(([name]) => name)).toEqual(['SESSION_IDLE_MINUTES', 'BASE_URL', 'SESSION_SECRET']);
      const { stdout } = await run('configure', '--credential', credential, '--dry-run', '--json');
      expect(stdout).toContain(planBefore);
      expect((await run('cleanup', '--purge', '--yes')).stdout).toContain('Nothing to do.');
    });
  },
);
