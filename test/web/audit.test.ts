import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Browser } from '../support/Browser.ts';
import { claimOn } from '../support/page.ts';
import { send } from '../support/send.ts';
import { type System, startSystem } from '../support/system.ts';
import { answerOf, withParameters } from './callbackSteps.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.control('reset', {});
});

interface AuditLine {
  readonly event: string;
  readonly requestId: string;
  readonly session?: string;
  readonly customer?: string;
  readonly status?: number;
  readonly error?: string;
  readonly cause?: string;
}

/** The security events of some work, in order. */
async function eventsOf(work: () => Promise<unknown>): Promise<AuditLine[]> {
  const before = system.logged.length;
  await work();
  return system.logged
    .slice(before)
    .map((line) => JSON.parse(line))
    .filter(({ message }) => message === 'audit');
}

const hashed = (id: string) => createHash('sha256').update(id).digest('base64url').slice(0, 16);
const hash = expect.stringMatching(/^[\w-]{16}$/);
const requestId = expect.stringMatching(/^[\da-f-]{36}$/);

function sessionOf(browser: Browser): string {
  return hashed(/^s%3A([^.]+)/.exec(browser.cookies.get('session')?.value ?? '')?.[1] ?? '');
}

test('a sign-in and a sign-out are logged with the same hashed session and customer', async () => {
  let browser = new Browser();
  const [signedIn] = await eventsOf(async () => {
    browser = await system.signedIn('alice@example.com');
  });
  const session = sessionOf(browser);
  expect(signedIn).toEqual({ message: 'audit', event: 'sign-in-succeeded', requestId, session, customer: hash });
  await browser.goto(`${system.webUrl}/users/id`);
  const oid = claimOn(browser.page.html, 'oid');
  expect(signedIn?.customer).toBe(hashed(oid));
  const [signedOut] = await eventsOf(() => browser.submit('Sign out', {}, () => true));
  expect(signedOut).toEqual({ message: 'audit', event: 'signed-out', requestId, session, customer: hashed(oid) });
});

test('a sign-in that replaces a session also logs the end of that session', async () => {
  const browser = await system.signedIn('alice@example.com');
  const earlier = sessionOf(browser);
  const events = await eventsOf(() => browser.goto(`${system.webUrl}/auth/signin`));
  expect(events.map(({ event, session }) => [event, session])).toEqual([
    ['session-ended', earlier],
    ['sign-in-succeeded', sessionOf(browser)],
  ]);
});

test.each([
  ['of another browser', { state: 'x'.repeat(43) }, 400, 'unknown attempt'],
  ['with another issuer', { iss: 'https://evil.example/' }, 400, 'foreign issuer'],
  ['with a code that the tenant does not know', { code: 'unknown' }, 400, 'refused by the tenant'],
  ['that is malformed', { code: undefined }, 400, 'malformed answer'],
])('an answer %s is logged as a failed sign-in with its cause', async (_what, changes, status, cause) => {
  const browser = new Browser();
  const answer = withParameters(await answerOf(system.webUrl, browser, 'alice@example.com'), changes);
  const events = await eventsOf(() => browser.goto(answer));
  expect(events).toEqual([expect.objectContaining({ event: 'sign-in-failed', requestId, status })]);
  expect(events[0]?.error).toContain(cause);
});

test('an ID token that fails verification is logged as a failed sign-in that names the check', async () => {
  await system.control('faults', { name: 'id-token-wrong-audience', times: 1 });
  const [event, ...more] = await eventsOf(() => system.signedIn('alice@example.com').catch(() => undefined));
  expect(more).toEqual([]);
  expect(event).toMatchObject({ event: 'sign-in-failed', status: 502, error: expect.stringContaining('"aud"') });
});

test('a sign-in that the customer cancels is logged as cancelled, not as failed', async () => {
  const browser = new Browser();
  const answer = await answerOf(system.webUrl, browser, 'alice@example.com');
  const events = await eventsOf(() =>
    browser.goto(withParameters(answer, { code: undefined, error: 'access_denied' })),
  );
  expect(events.map(({ event }) => event)).toEqual(['sign-in-cancelled']);
});

test('a renewed token that fails verification and a session that the tenant ends are logged', async () => {
  await system.control('access-token-lifetime', { seconds: 60 });
  const browser = await system.signedIn('alice@example.com');
  await browser.goto(`${system.webUrl}/todos`);
  const session = sessionOf(browser);
  await system.control('faults', { name: 'id-token-wrong-signature', times: 1 });
  const refused = await eventsOf(() => browser.fetch(`${system.webUrl}/todos`));
  expect(refused).toEqual([expect.objectContaining({ event: 'token-refused', session, customer: hash, status: 502 })]);
  await system.control('faults', { name: 'id-token-other-sub', times: 1 });
  const ended = await eventsOf(() => browser.fetch(`${system.webUrl}/todos`));
  expect(ended).toEqual([expect.objectContaining({ event: 'session-ended', session, customer: hash })]);
  expect(ended[0]?.cause).toContain('sub changed');
});

test('a late or forged answer in a signed-in browser is logged, though the customer notices nothing', async () => {
  const browser = await system.signedIn('alice@example.com');
  const events = await eventsOf(() =>
    browser.goto(`${system.webUrl}/auth/redirect?code=forged&state=${'x'.repeat(43)}`),
  );
  expect(events).toEqual([expect.objectContaining({ event: 'sign-in-failed', session: sessionOf(browser) })]);
  expect(events[0]?.error).toContain('unknown attempt');
});

test('a front-channel logout is logged, and one for an unknown session is not', async () => {
  const browser = await system.signedIn('alice@example.com');
  const session = sessionOf(browser);
  await browser.goto(`${system.webUrl}/users/id`);
  const sid = claimOn(browser.page.html, 'sid');
  const tell = (value: string) => send(`${system.webUrl}/auth/front-channel-logout?sid=${value}`);
  const events = await eventsOf(async () => {
    for (const value of ['unknown', sid, sid]) await tell(value);
  });
  const cause = 'signed out elsewhere';
  expect(events).toEqual([{ message: 'audit', event: 'session-ended', requestId, session, cause }]);
});

test('a form without its token is logged with its session', async () => {
  const browser = await system.signedIn('alice@example.com');
  const body = new URLSearchParams({ description: 'forged' });
  const events = await eventsOf(() => browser.fetch(`${system.webUrl}/todos`, { method: 'POST', body }));
  expect(events).toEqual([
    expect.objectContaining({ event: 'form-refused', session: sessionOf(browser), status: 403 }),
  ]);
});

test('A-20 viewed and missing pages are not security events', async () => {
  const browser = await system.signedIn('alice@example.com');
  const events = await eventsOf(async () => {
    for (const path of ['/', '/users/id', '/todos', '/nowhere', '/auth/signout'])
      await browser.goto(system.webUrl + path);
    await new Browser().goto(`${system.webUrl}/todos`);
  });
  expect(events).toEqual([]);
});
