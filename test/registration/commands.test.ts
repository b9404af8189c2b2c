import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Administrator, signInByDevice } from '../../local-tenant/test/graph/Administrator.ts';
import { StartedProgram } from '../support/childProcess.ts';
import { compiled } from '../support/compiled.ts';
import { onTerminal } from '../support/HeadlessTerminal.ts';
import { type CommandEnded, endOf, runRegistration, startRegistration } from '../support/registrationCommand.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';

let tenant: RunningTenant;
let token = '';
let graph: Administrator;
let folder = '';
beforeAll(async () => {
  tenant = await startTenant({ TENANT_EMPTY: '1' });
  token = String((await signInByDevice(tenant)).body.access_token);
  graph = new Administrator(tenant, token);
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
const apps = () => graph.list('/applications');

/** Runs a command on a pseudo-terminal, on which a person answers the question. */
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

describe('without a yes', () => {
  it.each(['n', '', 'later'])('the answer %j changes nothing, and ends with 3', async (text) => {
    const { code, output } = await answer(text, 'configure');
    expect([code, output]).toEqual([3, expect.stringContaining('nothing was changed')]);
    expect([await apps(), await readdir(folder)]).toEqual([[], []]);
  });

  it.each([
    ['no terminal and no --yes', ['configure', '--local'], /--yes/],
    ['no tenant', ['configure', '--yes'], /--tenant/],
    ['another cloud', ['configure', '--local', '--yes', '--environment', 'AzureUSGovernment'], /public cloud/],
    ['a manifest that is not there', ['configure', '--local', '--yes', '--manifest', 'none.json'], /manifest/],
    ['no such option', ['configure', '--force'], /--help/],
  ])('%s ends with 2', async (_what, args, why) => {
    const METADATA_URL = args.includes('--local') ? tenant.metadataUrl : '';
    const { code, output, stdout } = await runRegistration(args, folder, { ...settings(), METADATA_URL });
    expect([code, stdout]).toEqual([2, '']);
    expect(output).toMatch(why);
  });

  it('a token that Graph refuses ends with 1, and says that it may be run again', async () => {
    const given = { ...settings(), GRAPH_ACCESS_TOKEN: 'none' };
    const { code, output } = await runRegistration(['configure', '--local', '--yes', '--json'], folder, given);
    expect([code, output]).toEqual([1, expect.stringContaining('InvalidAuthenticationToken')]);
    expect(output).toContain('Run it again');
  });

  it('Ctrl-C while the administrator signs in ends with 130', async () => {
    const given = { PATH: '', METADATA_URL: tenant.metadataUrl };
    const { program } = startRegistration(['configure', '--local', '--yes'], folder, given);
    await program.prints(/authorize/);
    await program.stop('SIGINT');
    expect((await endOf(program)).code).toBe(130);
  });
});

describe('what was configured', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    expect((await answer('y', 'configure')).code).toBe(0);
  });
  afterEach(async () => {
    expect((await run('cleanup', '--purge', '--yes')).code).toBe(0);
  });
  const secrets = async () => (await apps()).flatMap(({ passwordCredentials }) => passwordCredentials);

  it('keeps its secrets when rotate is to remove all but one that it does not know', async () => {
    const { CLIENT_ID } = await env();
    await writeEnv(`CLIENT_ID=${CLIENT_ID}\nCLIENT_SECRET=!!!of-another-app\n`);
    const before = await secrets();
    const { code, output } = await run('rotate', '--finish', '--yes');
    expect([code, output]).toEqual([1, expect.stringContaining('nothing was removed')]);
    expect(await secrets()).toEqual(before);
  });

  it('is not rotated for a CLIENT_ID that is another app', async () => {
    await writeEnv('CLIENT_ID=00001111-aaaa-2222-bbbb-3333cccc4444\n');
    expect((await run('rotate', '--yes')).output).toContain('CLIENT_ID');
    expect(await secrets()).toHaveLength(1);
  });

  it('gets the certificate that a run left in .env when it was killed, and no second one', async () => {
    expect((await run('configure', '--certificate', '--yes')).code).toBe(0);
    const { CLIENT_CERTIFICATE_PATH, CLIENT_SECRET } = await env();
    expect(CLIENT_SECRET).toBe('');
    const [web] = (await apps()).filter(({ uniqueName }) => uniqueName === 'entra-external-id-sample-web');
    await graph.patch(`/applications/${web?.id}`, { keyCredentials: [] });
    expect((await run('configure', '--yes')).stdout).toContain('Done.');
    expect((await env()).CLIENT_CERTIFICATE_PATH).toBe(CLIENT_CERTIFICATE_PATH);
    expect(await readdir(join(folder, '.certificates'))).toHaveLength(1);
  });

  it('leaves a developer the values of apps that are not its own', async () => {
    const own = 'CLIENT_ID=00001111-aaaa-2222-bbbb-3333cccc4444\nCLIENT_SECRET=mine\nTENANT_SUBDOMAIN=fabrikam\n';
    await writeEnv(own);
    expect((await run('cleanup', '--yes')).code).toBe(0);
    expect(await readFile(join(folder, '.env'), 'utf8')).toBe(own);
    expect(await apps()).toEqual([]);
  });
});
