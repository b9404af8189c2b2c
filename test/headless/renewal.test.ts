import { seededCustomers } from 'entra-local-tenant';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NotDone } from '../../src/entra/terminal/CommandError.ts';
import { NotSignedIn, Unavailable } from '../../src/headless/errors.ts';
import { PublicAuthProvider } from '../../src/headless/PublicAuthProvider.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { configFor, http, signInWithCode } from './signIns.ts';

const [alice, bob] = seededCustomers;
let tenant: RunningTenant;
let provider: PublicAuthProvider;
beforeAll(async () => {
  tenant = await startTenant();
  provider = new PublicAuthProvider({ config: configFor(tenant), http });
});
afterEach(() => tenant.control('reset'));
afterAll(() => tenant.stop());

const fault = (name: string) => tenant.control('faults', { name, times: 1 });
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

describe('a renewal', () => {
  it('returns another access token for the same customer', async () => {
    const stored = await signInWithCode(tenant);
    const renewed = await provider.refresh(stored);
    expect(renewed.accessToken.token).not.toBe(stored.accessToken.token);
    expect(renewed.claims.oid).toBe(alice.oid);
  });

  it('is refused when the tenant has revoked the refresh token', async () => {
    const stored = await signInWithCode(tenant);
    await tenant.control('revoke', { email: alice.email });
    expect(await failure(provider.refresh(stored))).toBeInstanceOf(NotSignedIn);
  });

  it('is refused when it returns another customer’s tokens', async () => {
    const [ofAlice, ofBob] = [await signInWithCode(tenant), await signInWithCode(tenant, bob.email)];
    const error = await failure(provider.refresh({ ...ofAlice, msalCache: ofBob.msalCache }));
    expect(error).toBeInstanceOf(NotSignedIn);
  });

  it.each(['id-token-other-sub', 'id-token-other-oid', 'id-token-wrong-tid'])(
    'A-45 is refused with %s',
    async (name) => {
      const stored = await signInWithCode(tenant);
      await fault(name);
      expect(await failure(provider.refresh(stored))).toBeInstanceOf(NotSignedIn);
    },
  );

  it.each(['', '{}', 'null', '[]', '{"Account":5}'])('is refused with the cache %j', async (msalCache) => {
    const stored = await signInWithCode(tenant);
    expect(await failure(provider.refresh({ ...stored, msalCache }))).toBeInstanceOf(NotSignedIn);
  });

  it('fails with token-slow as soon as its HTTP client gives up', async () => {
    const impatient = createHttpClient({ timeoutMs: 1_000, maxBodyBytes: 256 * 1024 });
    const stored = await signInWithCode(tenant);
    await fault('token-slow');
    const renewal = new PublicAuthProvider({ config: configFor(tenant), http: impatient }).refresh(stored);
    expect(await failure(renewal)).toBeInstanceOf(Unavailable);
    expect((await provider.refresh(stored)).claims.oid).toBe(alice.oid);
  });

  it.each([
    ['token-500', Unavailable],
    ['token-html', NotDone],
    ['token-redirect-307', NotDone],
    ['id-token-missing', NotDone],
    ['id-token-wrong-audience', NotDone],
    ['id-token-wrong-nonce', NotDone],
  ])('fails with %s, and the next renewal works without a new sign-in', async (name, kind) => {
    const stored = await signInWithCode(tenant);
    await fault(name);
    expect(await failure(provider.refresh(stored))).toBeInstanceOf(kind);
    expect((await provider.refresh(stored)).claims.oid).toBe(alice.oid);
  });
});
