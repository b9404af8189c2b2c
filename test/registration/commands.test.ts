import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GraphClient } from '../../src/registration/GraphClient.ts';
import { application } from '../../src/registration/graphSchemas.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { StartedProgram } from '../support/childProcess.ts';
import { compiled } from '../support/compiled.ts';
import { onTerminal } from '../support/HeadlessTerminal.ts';
import { type CommandEnded, endOf, runRegistration, startRegistration } from '../support/registrationCommand.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { administratorToken } from './administratorToken.ts';

let tenant: RunningTenant;
let token = '';
let graph: GraphClient;
let folder = '';
beforeAll(async () => {
  tenant = await startTenant({ TENANT_EMPTY: '1' });
  token = await administratorToken(tenant);
  graph = new GraphClient({
    baseUrl: `${tenant.origin}/graph/v1.0`,
    accessToken: async () => token,
    http: createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 1024 * 1024 }),
  });
});
afterAll(() => tenant.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
});
afterEach(() => rm(folder, { recursive: true }));

const settings = () => ({ METADATA_URL: tenant.metadataUrl, GRAPH_ACCESS_TOKEN: token });
const run = (...args: string[]): Promise<CommandEnded> => runRegistration([...args, '--local'], folder, settings());
const env = async () => parse(await readFile(join(folder, '.env'), 'utf8'));
const writeEnv = (text: string) => writeFile(join(folder, '.env'), text);
const apps = async () => (await graph.list('/applications')).map((each) => application.parse(each));

/** Runs a command on a pseudo-terminal and answers its question. */
async function answer(text: string, ...args: string[]): Promise<CommandEnded> {
  const command = [process.execPath, compiled('registration/main.ts'), ...args, '--local'].join(' ');
  const child = spawn('sh', ['-c', onTerminal(command)], {
    cwd: folder,
    env: { PATH: process.env.PATH, TERM: 'xterm', ...settings() },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const program = new StartedProgram(command, '', child);
  await program.prints(/\[y\/N\] /);
  child.stdin.write(`${text}\n`);
  return await endOf(program);
}

describe('a command that fails', () => {
  it.each(['', 'later'])('changes nothing after the answer %j, and exits with 3', async (text) => {
    const { code, output } = await answer(text, 'configure');
    expect([code, output]).toEqual([3, expect.stringContaining('nothing was changed')]);
    expect([await apps(), await readdir(folder)]).toEqual([[], []]);
  });

  it.each([
    ['without a terminal and --yes', ['configure', '--local'], /--yes/],
    ['without a tenant', ['configure', '--yes'], /--tenant/],
    ['with a missing manifest', ['configure', '--local', '--yes', '--manifest', 'none.json'], /manifest/],
  ])('%s exits with 2', async (_what, args, why) => {
    const METADATA_URL = args.includes('--local') ? tenant.metadataUrl : '';
    const { code, output, stdout } = await runRegistration(args, folder, { ...settings(), METADATA_URL });
    expect([code, stdout]).toEqual([2, '']);
    expect(output).toMatch(why);
  });

  it('with a token that Graph refuses exits with 1, and says that it can be run again', async () => {
    const given = { ...settings(), GRAPH_ACCESS_TOKEN: `${token}x` };
    const { code, output } = await runRegistration(['configure', '--local', '--yes', '--json'], folder, given);
    expect([code, output]).toEqual([1, expect.stringContaining('InvalidAuthenticationToken')]);
    expect(output).toContain('Run the command again');
  });

  it('exits with 130 after Ctrl-C while the administrator signs in', async () => {
    const given = { PATH: '', METADATA_URL: tenant.metadataUrl };
    const { program } = startRegistration(['configure', '--local', '--yes'], folder, given);
    await program.prints(/authorize/);
    await program.stop('SIGINT');
    expect((await endOf(program)).code).toBe(130);
  });
});

describe('after configure', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    expect((await answer('y', 'configure')).code).toBe(0);
  });
  afterEach(async () => {
    expect((await run('cleanup', '--purge', '--yes')).code).toBe(0);
  });
  const secrets = async () => (await apps()).flatMap(({ passwordCredentials }) => passwordCredentials);

  it('rotate --finish removes no secret if the app does not have the one in .env', async () => {
    const { CLIENT_ID } = await env();
    await writeEnv(`CLIENT_ID=${CLIENT_ID}\nCLIENT_SECRET=!!!of-another-app\n`);
    const before = await secrets();
    const { code, output } = await run('rotate', '--finish', '--yes');
    expect([code, output]).toEqual([1, expect.stringContaining('nothing was removed')]);
    expect(await secrets()).toEqual(before);
  });

  it('configure clears API_CLIENT_ID, the old name of TODO_API_CLIENT_ID, and says so', async () => {
    const { TODO_API_CLIENT_ID, ...others } = await env();
    const lines = Object.entries({ ...others, API_CLIENT_ID: TODO_API_CLIENT_ID });
    await writeEnv(lines.map(([name, value]) => `${name}=${value}\n`).join(''));
    const { code, output } = await run('configure', '--yes');
    expect([code, output]).toEqual([0, expect.stringContaining('Cleared API_CLIENT_ID in .env')]);
    expect(await env()).toMatchObject({ TODO_API_CLIENT_ID, API_CLIENT_ID: '' });
  });

  it('rotate refuses a CLIENT_ID of another app', async () => {
    await writeEnv('CLIENT_ID=00001111-aaaa-2222-bbbb-3333cccc4444\n');
    expect((await run('rotate', '--yes')).output).toContain('CLIENT_ID');
    expect(await secrets()).toHaveLength(1);
  });

  it('configure registers the certificate that a killed run left in .env, and makes no second one', async () => {
    expect((await run('configure', '--certificate', '--yes')).code).toBe(0);
    const { CLIENT_CERTIFICATE_PATH, CLIENT_SECRET } = await env();
    expect(CLIENT_SECRET).toBe('');
    const [web] = (await apps()).filter(({ uniqueName }) => uniqueName === 'entra-external-id-sample-web');
    await graph.patch(`/applications/${web?.id}`, { keyCredentials: [] });
    expect((await run('configure', '--yes')).stdout).toContain('Done.');
    expect((await env()).CLIENT_CERTIFICATE_PATH).toBe(CLIENT_CERTIFICATE_PATH);
    expect(await readdir(join(folder, '.certificates'))).toHaveLength(1);
  });

  it('cleanup keeps the values of other apps in .env', async () => {
    const own = 'CLIENT_ID=00001111-aaaa-2222-bbbb-3333cccc4444\nCLIENT_SECRET=mine\nTENANT_SUBDOMAIN=fabrikam\n';
    await writeEnv(own);
    expect((await run('cleanup', '--yes')).code).toBe(0);
    expect(await readFile(join(folder, '.env'), 'utf8')).toBe(own);
    expect(await apps()).toEqual([]);
  });
});
