import { seededCustomers, seededPassword } from 'entra-local-tenant';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { NotDone } from '../../src/entra/terminal/CommandError.ts';
import { CodeExpired, SignInDeclined } from '../../src/headless/errors.ts';
import { PublicAuthProvider } from '../../src/headless/PublicAuthProvider.ts';
import { Browser } from '../support/Browser.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { VirtualClock } from '../support/VirtualClock.ts';
import { configFor, http } from './signIns.ts';

const [alice] = seededCustomers;
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
afterEach(() => tenant.control('reset'));
afterAll(() => tenant.stop());

const fault = (name: string) => tenant.control('faults', { name, times: 1 });
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);
const provider = () => new PublicAuthProvider({ config: configFor(tenant), http, clock });

async function expectNobodyListens(authorizeUrl: string) {
  const redirectUri = new URL(authorizeUrl).searchParams.get('redirect_uri') ?? '';
  const refused = async () => (await failure(fetch(redirectUri))) !== undefined;
  await expect.poll(refused).toBe(true);
}

async function signInAt(url: string): Promise<void> {
  const browser = new Browser();
  await browser.goto(url);
  await browser.submit('Next', { email: alice.email });
  await browser.submit('Sign in', { password: seededPassword });
  await browser.submit('Continue');
}
const neverEnding = () => {
  clock.wait = (_ms, signal) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
};

it('a sign-in with a browser sends a nonce and returns claims that contain it', async () => {
  neverEnding();
  let opened = '';
  const signedIn = await provider().signInWithBrowser(async (url) => {
    opened = url;
    await signInAt(url);
  }, stop.signal);
  const { searchParams } = new URL(opened);
  expect(searchParams.get('nonce')).toMatch(/^[\w-]{43}$/);
  expect(searchParams.get('response_mode')).toBe('form_post');
  expect(signedIn.claims).toMatchObject({ oid: alice.oid, nonce: searchParams.get('nonce') });
});

it('a sign-in with a browser is declined when the customer cancels', async () => {
  neverEnding();
  const cancel = async (url: string) => {
    const browser = new Browser();
    await browser.goto(url);
    await browser.submit('Cancel');
    await browser.submit('Continue');
  };
  expect(await failure(provider().signInWithBrowser(cancel, stop.signal))).toBeInstanceOf(SignInDeclined);
});

it.each([
  ['id-token-wrong-signature', 'signature verification failed'],
  ['id-token-wrong-nonce', 'nonce'],
  ['id-token-no-nonce', 'nonce'],
])('a sign-in with a browser is refused with %s', async (name, why) => {
  neverEnding();
  await fault(name);
  const error = await failure(provider().signInWithBrowser(signInAt, stop.signal));
  expect(error).toBeInstanceOf(NotDone);
  expect(String(error)).toContain(why);
});

it('a sign-in fails when the browser cannot be opened, and stops listening', async () => {
  neverEnding();
  const reason = new Error('no browser here');
  let opened = '';
  const open = (url: string) => {
    opened = url;
    throw reason;
  };
  expect(await failure(provider().signInWithBrowser(open, stop.signal))).toBe(reason);
  await expectNobodyListens(opened);
});

it('a sign-in with a browser ends after five minutes and stops listening', async () => {
  let begin = () => {};
  clock.whileWaiting = () => new Promise<void>((resolve) => (begin = resolve));
  let opened = '';
  const open = (url: string) => {
    opened = url;
    begin();
  };
  expect(await failure(provider().signInWithBrowser(open, stop.signal))).toBeInstanceOf(CodeExpired);
  expect(clock.waits).toEqual([300]);
  await expectNobodyListens(opened);
});

it('a sign-in with a browser ends at once with the reason of the signal and stops listening', async () => {
  neverEnding();
  const reason = new Error('interrupted');
  let opened = '';
  const open = (url: string) => {
    opened = url;
    stop.abort(reason);
  };
  expect(await failure(provider().signInWithBrowser(open, stop.signal))).toBe(reason);
  await expectNobodyListens(opened);
});

it('a sign-in that is stopped before the tenant has answered opens no browser', async () => {
  neverEnding();
  const reason = new Error('interrupted');
  const answersTooLate: typeof http = {
    request: async (request) => {
      const answer = await http.request(request);
      stop.abort(reason);
      return answer;
    },
  };
  const opened: string[] = [];
  const stopped = new PublicAuthProvider({ config: configFor(tenant), http: answersTooLate, clock });
  expect(await failure(stopped.signInWithBrowser((url) => void opened.push(url), stop.signal))).toBe(reason);
  // A whole sign-in takes longer than the first step of the one that was stopped.
  await provider().signInWithBrowser(signInAt, new AbortController().signal);
  expect(opened).toEqual([]);
});
