import { webApp } from 'entra-local-tenant';
import { expect } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import type { System } from '../support/system.ts';
import type { WatchedKeyValueStore } from '../support/WatchedKeyValueStore.ts';

export interface FaultySignIn {
  readonly system: Pick<System, 'control' | 'logged'>;
  readonly webUrl: string;
  readonly records: WatchedKeyValueStore;
  /** A browser that is signed in at the tenant, so that the tenant asks nothing. */
  readonly browser: Browser;
}

/** The pages for an invalid response and for an unavailable tenant. */
export const answers = {
  untrusted: [502, 'an answer that failed our checks'],
  away: [503, 'A service that sign-in needs is not responding'],
} as const;

/** Signs in with a fault armed for one answer of the local tenant, and expects a refusal. */
export async function expectNothingOf(
  fault: string,
  { system, webUrl, records, browser }: FaultySignIn,
  [status, words]: readonly [status: number, words: string],
): Promise<void> {
  const sessionBefore = browser.cookies.get('session');
  const [kept, lines] = [sessionRecords(records), system.logged.length];
  await system.control('faults', { name: fault, times: 1 });
  const page = await browser.goto(`${webUrl}/auth/signin`);
  await system.control('faults', { name: fault, times: 0 });
  expect([page.status, page.url.pathname, page.headers.get('cache-control')]).toEqual([
    status,
    '/auth/redirect',
    'no-store',
  ]);
  expect(browser.text()).toContain(words);
  const logged = system.logged.slice(lines).join('\n');
  expect(logged).toContain(`"event":"sign-in-failed","status":${status}`);
  expect(logged).toContain(page.headers.get('x-request-id'));
  // Every JSON Web Token starts like this.
  expect(page.html + logged).not.toMatch(/eyJ|refresh_token/);
  expect(page.html + logged).not.toContain(webApp.secret);
  expect(browser.cookies.get('session')).toEqual(sessionBefore);
  expect([...browser.cookies.keys()].filter((name) => name.startsWith('signin.'))).toEqual([]);
  expect(sessionRecords(records)).toEqual(kept);
}

/** Tries the fault in a browser without a session, signs in normally, and tries the fault beside that session. */
export async function expectNothingTwice(
  fault: string,
  parts: FaultySignIn,
  answer: readonly [status: number, words: string] = answers.untrusted,
): Promise<void> {
  const { webUrl, browser } = parts;
  const claims = () => browser.goto(`${webUrl}/users/id`, {}, () => true);
  browser.cookies.delete('session');
  await expectNothingOf(fault, parts, answer);
  expect((await claims()).url.pathname).toBe('/auth/signin');
  await browser.goto(`${webUrl}/auth/signin`);
  expect((await claims()).html).toContain('alice@example.com');
  await expectNothingOf(fault, parts, answer);
  expect((await claims()).html).toContain('alice@example.com');
}

function sessionRecords({ keys }: WatchedKeyValueStore): readonly string[] {
  return [...keys].filter((key) => !key.startsWith('web:v1:used:')).sort();
}
