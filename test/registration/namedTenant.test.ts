import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Output } from '../../src/entra/terminal/Output.ts';
import type { Dependencies } from '../../src/registration/adminSession.ts';
import { cleanup } from '../../src/registration/cleanup.ts';
import { configure } from '../../src/registration/configure.ts';
import { EnvFile } from '../../src/registration/EnvFile.ts';
import { readArguments } from '../../src/registration/readArguments.ts';
import { rotate } from '../../src/registration/rotate.ts';
import type { HttpRequest } from '../../src/runtime/httpClient.ts';
import { startTenant } from '../support/startTenant.ts';

const quiet = { write: () => true };
const commands = { configure, cleanup, rotate };
const production = '00001111-aaaa-2222-bbbb-3333cccc4444';
const organization = {
  id: production,
  displayName: 'Contoso',
  tenantType: 'CIAM',
  verifiedDomains: [
    { name: 'contoso.onmicrosoft.com', isInitial: true },
    { name: 'Contoso.example', isInitial: false },
  ],
};

let folder: string;
let requests: HttpRequest[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'named-'));
  requests = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** A command line, with an administrator of the production tenant signed in by GRAPH_ACCESS_TOKEN. */
async function run(line: string, environment: Record<string, string>): Promise<Error | undefined> {
  const command = readArguments(line.split(' '));
  if (command.name === 'help') throw new Error(line);
  const dependencies: Dependencies = {
    environment,
    envFile: new EnvFile(join(folder, '.env')),
    folder,
    http: {
      async request(request) {
        requests.push(request);
        const body = request.url.endsWith('/organization') ? { value: [organization] } : { value: [] };
        return { status: 200, headers: {}, body: JSON.stringify(body) };
      },
    },
    output: new Output({ stdout: quiet, stderr: quiet, format: 'json' }),
    ask: undefined,
    openBrowser: () => {},
    signal: new AbortController().signal,
  };
  return await commands[command.name](command.options, dependencies).then(
    () => undefined,
    (error: Error) => error,
  );
}

describe.each(['configure --yes', 'cleanup --purge --yes', 'rotate --yes'])('%s', (line) => {
  it.each([
    ['another domain in the arguments', ' --tenant fabrikam.onmicrosoft.com', {}, 'fabrikam.onmicrosoft.com'],
    ['another id in the settings', '', { TENANT_ID: production.replace('0', '9') }, production.replace('0', '9')],
    ['another subdomain in the settings', '', { TENANT_SUBDOMAIN: 'fabrikam' }, 'fabrikam.onmicrosoft.com'],
  ])('changes nothing in a tenant that was not named: %s', async (_what, more, settings, named) => {
    const error = await run(line + more, { ...settings, GRAPH_ACCESS_TOKEN: 'of-production' });
    expect(error?.message).toContain(`You named the tenant ${named}`);
    expect(error?.message).toContain(production);
    expect(requests.map(({ method }) => method)).toEqual(['GET']);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['CONTOSO.onmicrosoft.com', 'contoso.example', production.toUpperCase()])(
    'accepts the tenant named %s',
    async (name) => {
      const error = await run(`${line} --tenant ${name}`, { GRAPH_ACCESS_TOKEN: 'of-production' });
      expect(error?.message ?? '').not.toContain('You named');
      expect(requests.length).toBeGreaterThan(1);
    },
  );

  it('sends a token of a real tenant to no local one', async () => {
    const tenant = await startTenant();
    const claims = Buffer.from(JSON.stringify({ iss: `https://sts.windows.net/${production}/` })).toString('base64url');
    const { metadataUrl } = tenant;
    const error = await run(`${line} --local`, { METADATA_URL: metadataUrl, GRAPH_ACCESS_TOKEN: `e30.${claims}.x` });
    await tenant.stop();
    expect(error).toBeInstanceOf(Error);
    expect(requests.filter(({ headers }) => headers?.Authorization ?? headers?.authorization)).toEqual([]);
  });
});
