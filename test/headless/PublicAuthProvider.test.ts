import { seededCustomers, terminal, webApp } from 'entra-local-tenant';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NotDone } from '../../src/entra/terminal/CommandError.ts';
import { CodeExpired, SignInDeclined, Unavailable } from '../../src/headless/errors.ts';
import { type DeviceCode, PublicAuthProvider } from '../../src/headless/PublicAuthProvider.ts';
import { Browser } from '../support/Browser.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { configFor, http, signInWithCode, useCode } from './signIns.ts';

const [alice] = seededCustomers;
let tenant: RunningTenant;
let clock: VirtualClock;
let stop: AbortController;
let shown: DeviceCode[];
beforeAll(async () => {
  tenant = await startTenant();
});
beforeEach(() => {
  clock = new VirtualClock();
  stop = new AbortController();
  shown = [];
});
afterEach(() => tenant.control('reset'));
afterAll(() => tenant.stop());

const fault = (name: string, times = 1) => tenant.control('faults', { name, times });
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);
const providerWith = (changes: object = {}) =>
  new PublicAuthProvider({ config: { ...configFor(tenant), ...changes }, http, clock });

/** Starts with a code; `act` runs during the first wait. */
function signIn(act: (code: DeviceCode) => Promise<unknown> = () => Promise.resolve(), changes: object = {}) {
  const show = (code: DeviceCode) => {
    shown.push(code);
    clock.whileWaiting = async () => {
      clock.whileWaiting = () => {};
      await act(code);
    };
  };
  return providerWith(changes).signInWithDeviceCode(show, stop.signal);
}

const use = ({ userCode, verificationPage }: DeviceCode) => useCode(verificationPage, userCode);

describe('a sign-in with a device code', () => {
  it('shows the tenant’s own page, and returns verified claims and an access token for the API', async () => {
    const begun = Date.now();
    const { claims, accessToken, msalCache } = await signIn(use);
    expect(shown).toEqual([
      {
        userCode: expect.stringMatching(/^[A-Z]{9}$/),
        verificationPage: `${tenant.origin}/common/oauth2/deviceauth`,
        expiresAt: expect.any(Number),
      },
    ]);
    expect(shown[0]?.expiresAt).toBeGreaterThanOrEqual(begun + 900_000);
    expect(claims).toMatchObject({ oid: alice.oid, aud: terminal.clientId, tid: tenant.tenantId });
    const [, payload = ''] = accessToken.token.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
      scp: expect.stringContaining('ToDoList.ReadWrite'),
    });
    expect(accessToken.expiresAt).toBeGreaterThan(begun);
    expect(msalCache).toContain('RefreshToken');
  });

  it.each([
    ['device-no-interval', 1],
    ['device-interval-0', 1],
    ['device-no-expires-in', 1],
    ['device-slow-down', 3],
    ['device-poll-reset', 3],
    ['device-poll-500', 3],
    ['token-429', 1],
    ['token-html', 2],
    ['token-300-mb', 1],
    ['token-redirect-307-host', 1],
    ['token-no-expires-in', 1],
    ['token-expires-in-text', 1],
  ])('succeeds despite %s', async (name, times) => {
    await fault(name, times);
    expect((await signIn(use)).claims.oid).toBe(alice.oid);
  });

  it('is declined when the customer cancels', async () => {
    const cancel = async ({ userCode, verificationPage }: DeviceCode) => {
      const browser = new Browser();
      await browser.goto(verificationPage);
      await browser.submit('Next', { user_code: userCode });
      await browser.submit('Cancel');
    };
    expect(await failure(signIn(cancel))).toBeInstanceOf(SignInDeclined);
  });

  it('expires after 15 minutes of polls every 5 seconds when nobody uses the code', async () => {
    const error = await failure(signIn());
    expect(error).toBeInstanceOf(CodeExpired);
    expect(clock.waits).toEqual(Array(180).fill(5));
  });

  it('ends at once when the tenant says that the code has expired', async () => {
    const error = await failure(signIn(() => tenant.control('clock', { advanceSeconds: 901 })));
    expect(error).toBeInstanceOf(CodeExpired);
    expect(clock.waits).toEqual([5]);
  });

  it('ends at once with the reason of the signal', async () => {
    const reason = new Error('interrupted');
    const stopIt = async () => stop.abort(reason);
    expect(await failure(signIn(stopIt))).toBe(reason);
    expect(await failure(signIn())).toBe(reason);
    expect(shown).toHaveLength(1);
  });

  it('ends at once even when the tenant does not answer a poll', async () => {
    const reason = new Error('interrupted');
    const neverAnswers: typeof http = {
      request: (request) => {
        if (!request.url.includes('/token')) return http.request(request);
        setImmediate(() => stop.abort(reason));
        return new Promise(() => {});
      },
    };
    const provider = new PublicAuthProvider({ config: configFor(tenant), http: neverAnswers, clock });
    expect(await failure(provider.signInWithDeviceCode(() => {}, stop.signal))).toBe(reason);
  });

  it('shows no code when it is stopped before the tenant has sent one', async () => {
    const answersTooLate: typeof http = {
      request: async (request) => {
        const answer = await http.request(request);
        if (request.url.includes('/devicecode')) stop.abort();
        return answer;
      },
    };
    const provider = new PublicAuthProvider({ config: configFor(tenant), http: answersTooLate, clock });
    expect(await failure(provider.signInWithDeviceCode((code) => shown.push(code), stop.signal))).toBe(
      stop.signal.reason,
    );
    await signInWithCode(tenant);
    expect(shown).toEqual([]);
  });

  it.each([
    'id-token-missing',
    'id-token-wrong-signature',
    'id-token-alg-none',
    'id-token-rogue-key',
    'id-token-wrong-audience',
    'id-token-wrong-issuer',
    'token-no-access-token',
  ])('is refused with %s', async (name) => {
    await fault(name);
    const error = await failure(signIn(use));
    expect(error).toBeInstanceOf(NotDone);
    expect(String(error)).not.toMatch(/eyJ|alice/);
  });

  it.each([
    ['an app that the tenant does not know', { clientId: 'c0ffee00-1111-4222-8333-444455556666' }, 'AADSTS700016'],
    ['an app that is not public', { clientId: webApp.clientId }, 'AADSTS7000218'],
  ])('by %s is refused with advice what to check', async (_name, changes, code) => {
    const error = await failure(signIn(undefined, changes));
    expect(error).toBeInstanceOf(NotDone);
    expect(String(error)).toContain(code);
    expect(String(error)).toContain('HEADLESS_CLIENT_ID');
  });

  it('without a tenant fails as unavailable', async () => {
    const gone = { ...configFor(tenant).tenant, metadataUrl: 'http://localhost:1/x' };
    const error = await failure(signIn(undefined, { tenant: gone }));
    expect(error).toBeInstanceOf(Unavailable);
    expect(error).toMatchObject({ exitCode: 6 });
  });
});
