import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  AdministratorNotSignedIn,
  type AdministratorOptions,
  type AdministratorWay,
  signInAdministrator,
} from '../../../src/entra/terminal/administrator.ts';
import { createHttpClient } from '../../../src/runtime/httpClient.ts';
import { administratorEmail, signInAt } from '../../support/administratorSteps.ts';
import { letIn } from '../../support/HeadlessTerminal.ts';
import { type RunningTenant, startTenant } from '../../support/startTenant.ts';
import { VirtualClock } from '../../support/VirtualClock.ts';

const http = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });
let tenant: RunningTenant;
let clock: VirtualClock;
let stop: AbortController;
beforeAll(async () => {
  tenant = await startTenant();
});
beforeEach(() => {
  clock = new VirtualClock();
  stop = new AbortController();
});
afterAll(() => tenant.stop());

function signIn(way: AdministratorWay, changes: Partial<AdministratorOptions> = {}): Promise<string> {
  const { subdomain, tenantId, metadataUrl } = tenant;
  return signInAdministrator(way, {
    tenant: { kind: 'local', settings: { subdomain, tenantId, metadataUrl } },
    permissions: ['Application.ReadWrite.All', 'Organization.Read.All'],
    http,
    clock,
    signal: stop.signal,
    openBrowser: () => {},
    showCode: () => {},
    ...changes,
  });
}

const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

function expectGraphToken(token: string): void {
  const { aud, scp } = decodeJwt(token);
  expect(String(aud)).toContain('00000003-0000-0000-c000-000000000000');
  expect(String(scp)).toContain('Application.ReadWrite.All');
}

describe('the sign-in of an administrator', () => {
  it('returns a token for Graph after the code is entered on another device', async () => {
    const token = await signIn('deviceCode', {
      showCode: (code, page) => {
        expect(page).toBe(`${tenant.origin}/common/oauth2/deviceauth`);
        clock.whileWaiting = async () => {
          clock.whileWaiting = () => {};
          await letIn(tenant.origin, code, administratorEmail);
        };
      },
    });
    expectGraphToken(token);
  });

  it('returns a token for Graph after a sign-in with the browser', async () => {
    clock.wait = () => new Promise(() => {});
    const opened: string[] = [];
    const token = await signIn('browser', {
      openBrowser: (url) => {
        opened.push(url);
        void signInAt(url);
      },
    });
    expectGraphToken(token);
    expect(new URL(opened[0] ?? '').searchParams.get('prompt')).toBe('select_account');
  });

  it('fails when nobody signs in within five minutes', async () => {
    const error = await failure(signIn('browser'));
    expect(error).toBeInstanceOf(AdministratorNotSignedIn);
    expect(String(error)).toContain('5 minutes');
    expect(clock.waits).toEqual([300]);
  });

  it('fails when the code expires', async () => {
    const error = await failure(signIn('deviceCode'));
    expect(error).toBeInstanceOf(AdministratorNotSignedIn);
    expect(String(error)).toContain('not used in time');
  });

  it('rejects with the reason of an interruption', async () => {
    const reason = new Error('interrupted');
    clock.wait = () => new Promise(() => {});
    const openBrowser = () => stop.abort(reason);
    expect(await failure(signIn('browser', { openBrowser }))).toBe(reason);
  });

  it('fails when the tenant cannot be reached', async () => {
    const metadataUrl = 'http://localhost:1/contoso.onmicrosoft.com/v2.0/.well-known/openid-configuration';
    const nowhere = { kind: 'local', settings: { subdomain: 'contoso', metadataUrl } } as const;
    const error = await failure(signIn('deviceCode', { tenant: nowhere }));
    expect(error).toBeInstanceOf(AdministratorNotSignedIn);
    expect(String(error)).toContain('cannot be reached');
  });

  it('to a real tenant uses login.microsoftonline.com and no other host', async () => {
    const asked: string[] = [];
    const refusing: typeof http = {
      request: async ({ url }) => {
        asked.push(url);
        return { status: 400, headers: {}, body: JSON.stringify({ error: 'unauthorized_client' }) };
      },
    };
    const real = { kind: 'real', name: 'contoso.onmicrosoft.com' } as const;
    expect(await failure(signIn('deviceCode', { tenant: real, http: refusing }))).toBeInstanceOf(
      AdministratorNotSignedIn,
    );
    expect(asked.map((url) => url.split('?')[0])).toEqual([
      'https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/devicecode',
    ]);
  });
});

describe.skipIf(process.platform === 'win32')('with the session of the Azure CLI', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'az-'));
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  const install = async (script: string) => {
    await writeFile(join(folder, 'az'), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'az'), 0o755);
  };
  const real = { kind: 'real', name: 'contoso.onmicrosoft.com' } as const;

  it('the token comes from az, for Graph and this tenant', async () => {
    await install(`echo "$@" > '${folder}/asked'; echo '{"accessToken":"from-az"}'`);
    expect(await signIn('azureCli', { tenant: real })).toBe('from-az');
    const asked = await readFile(join(folder, 'asked'), 'utf8');
    expect(asked).toContain('--resource https://graph.microsoft.com --tenant contoso.onmicrosoft.com');
  });

  it.each(['echo "Please run az login" >&2; exit 1', 'echo nonsense', 'echo "{}"'])(
    'when az runs %j, the error says how to log in',
    async (script) => {
      await install(script);
      const error = await failure(signIn('azureCli', { tenant: real }));
      expect(error).toBeInstanceOf(AdministratorNotSignedIn);
      expect(String(error)).toContain('az login --tenant contoso.onmicrosoft.com');
    },
  );

  it('a name that is not a tenant never reaches a shell, nor the local tenant az', async () => {
    await install(`touch '${folder}/asked'; echo '{"accessToken":"from-az"}'`);
    const names = ['a;b', '$(x)', '-x', 'a b', '&calc'];
    for (const name of names) {
      expect(await failure(signIn('azureCli', { tenant: { kind: 'real', name } }))).toBeInstanceOf(
        AdministratorNotSignedIn,
      );
    }
    expect(await failure(signIn('azureCli'))).toBeInstanceOf(AdministratorNotSignedIn);
    await expect(readFile(join(folder, 'asked'))).rejects.toThrow('ENOENT');
  });
});
