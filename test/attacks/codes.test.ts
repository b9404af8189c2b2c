import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type NewPendingSignIn,
  newPendingSignIn,
  PendingSignInSealer,
  pendingSignInId,
} from '../../src/web/auth/PendingSignInSealer.ts';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';
import { answerOf, answerTo, isSignedIn, startOf, tokenCallsOf, withParameters } from '../web/callbackSteps.ts';

const secret = 'a-session-secret-of-the-attacks-long-enough';
const records = new WatchedKeyValueStore();
let system: System;
beforeAll(async () => {
  system = await startSystem({ SESSION_SECRET: secret }, records);
});
afterAll(() => system.stop());

const [alice, bob] = ['alice@example.com', 'bob@example.com'];
const codeOf = (answer: URL) => answer.searchParams.get('code') ?? '';

/** Delivers a response that must sign nobody in and create no session. */
async function expectNobody(browser: Browser, answer: URL, status: number): Promise<void> {
  const sessions = () => [...records.keys].filter((key) => !key.startsWith('web:v1:used:'));
  const before = sessions();
  const page = await browser.goto(answer);
  expect([page.status, browser.cookies.has('session')]).toEqual([status, false]);
  expect(browser.text()).toContain('Start again');
  expect(sessions()).toEqual(before);
  expect(await isSignedIn(system.webUrl, browser)).toBe(false);
}

describe('a code from another sign-in', () => {
  test('A-11 of another customer is refused by its verifier and stays valid for its own sign-in', async () => {
    const [attacker, victim] = [new Browser(), new Browser()];
    const ofVictim = await answerOf(system.webUrl, victim, alice);
    const ofAttacker = await answerOf(system.webUrl, attacker, bob);
    await expectNobody(attacker, withParameters(ofAttacker, { code: codeOf(ofVictim) }), 400);
    await victim.goto(ofVictim);
    expect(await isSignedIn(system.webUrl, victim)).toBe(true);
  });

  test('A-11 of another customer is refused by its nonce if the tenant ignores the verifier', async () => {
    const [attacker, victim] = [new Browser(), new Browser()];
    const ofVictim = await answerOf(system.webUrl, victim, alice);
    const ofAttacker = await answerOf(system.webUrl, attacker, bob);
    await system.control('faults', { name: 'token-any-verifier', times: 1 });
    const calls = await tokenCallsOf(system, () =>
      expectNobody(attacker, withParameters(ofAttacker, { code: codeOf(ofVictim) }), 502),
    );
    expect(calls).toBe(1);
    expect(system.logged.join('\n')).toContain('nonce');
  });

  test('A-11 of a request without a challenge is refused, because every token request has a verifier', async () => {
    const [attacker, victim] = [new Browser(), new Browser()];
    const downgraded = withParameters(new URL(await startOf(system.webUrl, victim)), {
      code_challenge: undefined,
      code_challenge_method: undefined,
    });
    const ofVictim = await answerTo(downgraded.href, victim, alice);
    const ofAttacker = await answerOf(system.webUrl, attacker, bob);
    await expectNobody(attacker, withParameters(ofAttacker, { code: codeOf(ofVictim) }), 400);
  });

  test('A-37 from another tab of the same browser is refused by its verifier or its nonce', async () => {
    const browser = new Browser();
    const [first, second] = [await startOf(system.webUrl, browser), await startOf(system.webUrl, browser)];
    const ofFirst = await answerTo(first, browser, alice);
    const ofSecond = await answerTo(second, browser, alice);
    await expectNobody(browser, withParameters(ofSecond, { code: codeOf(ofFirst) }), 400);
    await system.control('faults', { name: 'token-any-verifier', times: 1 });
    await expectNobody(browser, withParameters(ofFirst, { code: codeOf(ofSecond) }), 502);
  });

  test('A-13 that was already redeemed is refused', async () => {
    const [browser, other] = [new Browser(), new Browser()];
    const answer = await answerOf(system.webUrl, browser, alice);
    const code = codeOf(answer);
    await browser.goto(answer);
    await expectNobody(other, withParameters(await answerOf(system.webUrl, other, bob), { code }), 400);
    expect(await isSignedIn(system.webUrl, browser)).toBe(true);
  });
});

/** Puts a pending sign-in that started some time ago into a browser. @returns the name of its cookie */
async function plantAttempt(browser: Browser, attempt: NewPendingSignIn, ageMinutes: number): Promise<string> {
  const name = `signin.${pendingSignInId(attempt.state)}`;
  const value = await new PendingSignInSealer([secret], () => Date.now() - ageMinutes * 60_000).seal(attempt);
  browser.cookies.set(name, { value, path: '/' });
  return name;
}

describe('a pending sign-in', () => {
  test('A-06 older than an hour has expired, and the tenant is not called', async () => {
    const browser = new Browser();
    const attempt = newPendingSignIn({ returnTo: '/todos', isRetry: false });
    const plant = (ageMinutes: number) => plantAttempt(browser, attempt, ageMinutes);
    const answer = new URL(`${system.webUrl}/auth/redirect?code=x&state=${attempt.state}`);
    await plant(61);
    expect(await tokenCallsOf(system, () => expectNobody(browser, answer, 400))).toBe(0);
    await plant(61);
    await browser.goto(answer);
    expect(browser.text()).toContain('took too long');
    expect(system.logged.filter((line) => line.includes('sign-in-failed')).at(-1)).toContain('expired attempt');
    await plant(59);
    expect(await tokenCallsOf(system, () => expectNobody(browser, answer, 400))).toBe(1);
  });

  test('A-18 is replaced by a sixth one if it is the oldest, whatever the order of the cookies', async () => {
    const browser = new Browser();
    const names: string[] = [];
    for (const ageMinutes of [10, 30, 50, 20, 40]) {
      const attempt = newPendingSignIn({ returnTo: '/', isRetry: false });
      names.push(await plantAttempt(browser, attempt, ageMinutes));
    }
    await startOf(system.webUrl, browser);
    expect(browser.cookies.size).toBe(5);
    expect(names.filter((name) => !browser.cookies.has(name))).toEqual([names[2]]);
  });

  test('A-17 and a session from before a secret rotation stay valid, and the new secret seals the next', async () => {
    const browser = new Browser();
    const answer = await answerOf(system.webUrl, browser, alice);
    const customer = await system.signedIn(bob);
    const newSecret = 'the-new-session-secret-of-the-attacks-long';
    const changed = await system.startWeb({ BASE_URL: system.webUrl, SESSION_SECRET: `${newSecret},${secret}` });
    const only = await system.startWeb({ BASE_URL: system.webUrl, SESSION_SECRET: newSecret });
    const oneAddress = { headers: { host: new URL(system.webUrl).host } };
    const claims = (webUrl: string, of: Browser) => of.fetch(`${webUrl}/users/id`, oneAddress);
    expect((await claims(changed, customer)).status).toBe(200);
    expect((await claims(only, customer)).status).toBe(303);
    const delivered = await browser.fetch(changed + answer.pathname + answer.search, oneAddress);
    expect([delivered.status, delivered.headers.get('location')]).toEqual([303, '/']);
    expect((await claims(only, browser)).status).toBe(200);
  });
});

describe('when the metadata promises an `iss` parameter', () => {
  let webUrl: string;
  let issuer: string;
  beforeAll(async () => {
    await system.control('faults', { name: 'discovery-iss-parameter', times: 1 });
    webUrl = await system.startWeb({});
    issuer = `https://${system.tenantId}.ciamlogin.com/${system.tenantId}/v2.0`;
  });

  test('A-15 a response without it is refused, and the tenant is not called', async () => {
    const browser = new Browser();
    const answer = await answerOf(webUrl, browser, alice);
    expect(answer.searchParams.has('iss')).toBe(false);
    expect(await tokenCallsOf(system, () => expectNobody(browser, answer, 400))).toBe(0);
  });

  test('A-15 an error without it is not trusted', async () => {
    const browser = new Browser();
    const state = new URL(await startOf(webUrl, browser)).searchParams.get('state');
    const answer = await browser.fetch(`${webUrl}/auth/redirect?error=login_required&state=${state}`);
    expect([answer.status, answer.headers.has('location')]).toEqual([400, false]);
  });

  test('A-15 a response with the correct one signs in', async () => {
    const browser = new Browser();
    await browser.goto(withParameters(await answerOf(webUrl, browser, alice), { iss: issuer }));
    expect(await isSignedIn(webUrl, browser)).toBe(true);
  });
});
