import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/runtime/httpClient.ts';
import { TokenCallPace } from '../../src/web/auth/TokenCallPace.ts';
import { Browser } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { answerOf, isSignedIn } from '../web/callbackSteps.ts';

const perSecond = 1;
const http = createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 256 * 1024 });
const pace = new TokenCallPace(http, perSecond);
/** Fills the queue before each call, so that the call finds no room however slow the machine is. */
const fullPace: HttpClient = {
  request(call) {
    for (let filler = 0; filler < perSecond + 8; filler += 1) {
      pace.request({ method: 'GET', url: system.tenantUrl }).catch(() => {});
    }
    return pace.request(call);
  },
};

let system: System;
let web: string;
beforeAll(async () => {
  system = await startSystem();
  web = await system.startWeb({}, { tenantHttp: fullPace });
});
afterAll(() => system.stop());

test('F25 a sign-in beyond the tenant’s rate and the queue is refused at once, and the others continue', async () => {
  const alice = await system.signedIn('alice@example.com');
  const bob = new Browser();
  const answer = await answerOf(web, bob, 'bob@example.com');
  const refused = await bob.fetch(answer);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await refused.text()).toContain('Sign-in is busy');
  expect(refused.headers.getSetCookie().some((line) => line.startsWith('session='))).toBe(false);
  expect(await isSignedIn(web, bob)).toBe(false);
  expect((await alice.goto(`${web}/todos`)).status).toBe(200);
  expect((await bob.fetch(`${web}/auth/signin`)).status).toBe(302);
});
