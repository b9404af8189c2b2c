import { UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdministeredTenant } from '../../../src/entra/terminal/administrator.ts';
import { assertTokenOfTenant } from '../../../src/entra/terminal/givenToken.ts';
import { createHttpClient, type HttpClient, type HttpRequest } from '../../../src/runtime/httpClient.ts';
import { type RunningTenant, startTenant } from '../../support/startTenant.ts';

const a = 'aaaaaaaa-1111-4222-8333-444444444444';
const b = 'bbbbbbbb-1111-4222-8333-444444444444';
const tokenOf = (tid: string, iss = `https://sts.windows.net/${tid}/`) => new UnsecuredJWT({ tid, iss }).encode();
const real = (name: string): AdministeredTenant => ({ kind: 'real', name });
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

describe('a given token for a real tenant', () => {
  let requests: HttpRequest[] = [];
  /** Entra, which knows tenant B by its domain. */
  const entra: HttpClient = {
    async request(request) {
      requests.push(request);
      const isKnown = request.url.includes('/b.example/');
      const body = isKnown ? { issuer: `https://login.microsoftonline.com/${b}/v2.0` } : { error: 'invalid_tenant' };
      return { status: isKnown ? 200 : 400, headers: {}, body: JSON.stringify(body), retryAfterSeconds: undefined };
    },
  };

  it.each([b, b.toUpperCase(), 'b.example'])('is taken if its tenant is the named one: %s', async (name) => {
    await assertTokenOfTenant(tokenOf(b), real(name), entra);
  });

  it.each([b, 'b.example'])('of another tenant than %s is refused with both names, and sent nowhere', async (name) => {
    requests = [];
    const token = tokenOf(a);
    const error = await failure(assertTokenOfTenant(token, real(name), entra));
    expect(error).toMatchObject({ name: 'NotDone', message: expect.stringMatching(`${a}, but .+ tenant ${name}`) });
    expect(error).toMatchObject({ message: expect.stringContaining(b) });
    expect(JSON.stringify(requests)).not.toContain(token);
  });

  it.each(['opaque', ''])('that names no tenant is refused: %j', async (token) => {
    expect(await failure(assertTokenOfTenant(token, real(b), entra))).toMatchObject({ name: 'NotDone' });
  });

  it('is refused for a tenant that does not exist', async () => {
    expect(await failure(assertTokenOfTenant(tokenOf(a), real('none.example'), entra))).toMatchObject({
      message: expect.stringContaining('knows no tenant none.example'),
    });
  });
});

describe('a given token for the local tenant', () => {
  const http = createHttpClient({ timeoutMs: 8_000, maxBodyBytes: 256 * 1024 });
  let tenant: RunningTenant;
  beforeAll(async () => {
    tenant = await startTenant();
  });
  afterAll(() => tenant.stop());
  const local = (): AdministeredTenant => ({
    kind: 'local',
    settings: { subdomain: tenant.subdomain, metadataUrl: tenant.metadataUrl },
  });

  it('is taken if its issuer is that tenant’s', async () => {
    const { tenantId } = tenant;
    await assertTokenOfTenant(tokenOf(tenantId, `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`), local(), http);
  });

  it('of a real tenant is refused, even with the local tenant’s ID', async () => {
    const error = await failure(assertTokenOfTenant(tokenOf(tenant.tenantId), local(), http));
    expect(error).toMatchObject({ name: 'NotDone', message: expect.stringContaining('sts.windows.net') });
  });
});
