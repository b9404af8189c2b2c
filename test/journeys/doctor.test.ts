import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Administrator, signInByDevice } from '../../local-tenant/test/graph/Administrator.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { complaintsOf } from '../doctor/soundSetup.ts';
import { startDoctor } from '../doctor/startDoctor.ts';
import { runAsAdministrator, signInAt } from '../support/administratorSteps.ts';
import { type StartedProgram, startProgram } from '../support/childProcess.ts';
import { freePort } from '../support/freePort.ts';

describe('the doctor in a tenant set up by configure', () => {
  const started: StartedProgram[] = [];
  let folder = '';
  let settings: Record<string, string> = {};
  let token = '';
  let graph: Administrator;

  beforeAll(async () => {
    const [tenant, webPort, apiPort] = [
      await start('tenant', { TENANT_EMPTY: '1' }),
      await freePort(),
      await freePort(),
    ];
    await tenant.answers('/livez');
    folder = await mkdtemp(join(tmpdir(), 'doctor-'));
    const METADATA_URL = `${tenant.url}/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration`;
    const options = ['--local', '--yes', '--credential', 'secret', '--base-url', `http://localhost:${webPort}`];
    expect((await runAsAdministrator(['configure', ...options], folder, { METADATA_URL })).output).toContain('Done.');
    settings = { ...parse(await readFile(join(folder, '.env'))), TODO_API_URL: `http://localhost:${apiPort}` };
    const api = await start('api', { ...settings, PORT: String(apiPort) });
    const web = await start('web', { ...settings, PORT: String(webPort) });
    await Promise.all([api.answers('/readyz'), web.answers('/readyz')]);
    const address = { origin: tenant.url, tenantId: settings.TENANT_ID ?? '' };
    token = String((await signInByDevice(address)).body.access_token);
    graph = new Administrator(address, token);
  });
  afterAll(async () => {
    await Promise.all(started.map((program) => program.stop()));
    await rm(folder, { recursive: true });
  });

  async function start(...given: Parameters<typeof startProgram>): Promise<StartedProgram> {
    const program = await startProgram(...given);
    started.push(program);
    return program;
  }

  async function complaints(env: Readonly<Record<string, string>> = {}): Promise<string[]> {
    const program = startDoctor(['--administrator', '--json'], folder, {
      TODO_API_URL: settings.TODO_API_URL ?? '',
      GRAPH_ACCESS_TOKEN: token,
      ...env,
    });
    await program.exited;
    const { findings }: { findings: Finding[] } = JSON.parse(program.result());
    return complaintsOf(findings);
  }

  test('finds nothing wrong and checks everything except Redis when an administrator signs in with a browser', async () => {
    // Without a PATH the command cannot open a real browser.
    const env = { PATH: '', TODO_API_URL: settings.TODO_API_URL ?? '' };
    const program = startDoctor(['--administrator'], folder, env);
    const [, url = ''] = await program.prints(/(http:\/\/localhost:\d+\/\S+?\/authorize\?[^\s"]+)/);
    await signInAt(url);
    const { code } = await program.exited;
    const concerns = program
      .result()
      .split('\n')
      .filter((line) => !line.startsWith('ok '));
    expect([code, concerns.slice(0, -2)]).toEqual([0, [expect.stringMatching(/^unchecked {2}Redis:/)]]);
    expect(program.output()).not.toContain(settings.CLIENT_SECRET);
  });

  test('reports that the directory refuses a token', async () => {
    expect(await complaints({ GRAPH_ACCESS_TOKEN: 'not-a-token' })).toEqual(['fail administrator']);
  });

  /** Changes an application while the test runs, then undoes the change. */
  async function withChange(appId: string, change: object, undo: object): Promise<string[]> {
    const [application] = await graph.list(`/applications?$filter=appId eq '${appId}'`);
    expect((await graph.patch(`/applications/${application?.id}`, change)).status).toBe(204);
    const found = await complaints();
    expect((await graph.patch(`/applications/${application?.id}`, undo)).status).toBe(204);
    return found;
  }

  test('finds a removed redirect URI, from outside and in the directory', async () => {
    const redirectUris = ['/auth/redirect', '/auth/signed-out'].map((path) => settings.BASE_URL + path);
    const change = { web: { redirectUris: redirectUris.slice(1) } };
    expect(await withChange(settings.CLIENT_ID ?? '', change, { web: { redirectUris } })).toEqual([
      'fail redirect URI',
      'fail registered addresses',
    ]);
  });

  test('finds an app that is no longer a public client', async () => {
    const id = settings.HEADLESS_CLIENT_ID ?? '';
    expect(await withChange(id, { isFallbackPublicClient: false }, { isFallbackPublicClient: true })).toEqual(
      expect.arrayContaining(['fail headless public client', 'fail headless registration']),
    );
  });

  test('finds withdrawn consent and a removed user flow', async () => {
    for (const { id } of await graph.list('/oauth2PermissionGrants')) {
      expect((await graph.delete(`/oauth2PermissionGrants/${id}`)).status).toBe(204);
    }
    for (const { id } of await graph.list('/identity/authenticationEventsFlows')) {
      expect((await graph.delete(`/identity/authenticationEventsFlows/${id}`)).status).toBe(204);
    }
    expect((await complaints()).sort()).toEqual([
      'fail consent',
      'fail headless consent',
      'fail headless permissions',
      'fail headless user flow',
      'fail permissions',
      'fail user flow',
    ]);
  });
});
