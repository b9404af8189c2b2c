import { seededPassword } from 'entra-local-tenant';
import { vi } from 'vitest';
import type { Browser } from '../support/Browser.ts';
import type { System } from '../support/system.ts';

/** Goes through the tenant's pages and stops before the answer reaches the app. */
export async function answerOf(webUrl: string, browser: Browser, email: string): Promise<URL> {
  return await answerTo(await startOf(webUrl, browser), browser, email);
}

/** The tenant's answer to a started sign-in, before it reaches the app. @param start where the app sent the browser */
export async function answerTo(start: string, browser: Browser, email: string): Promise<URL> {
  const isCallback = (url: URL) => url.pathname === '/auth/redirect';
  const { url } = await browser.goto(start, {}, isCallback);
  if (isCallback(url)) return url;
  await browser.submit('Next', { email });
  return (await browser.submit('Sign in', { password: seededPassword }, isCallback)).url;
}

/** Where the app redirects a browser that starts to sign in. */
export async function startOf(webUrl: string, browser: Browser): Promise<string> {
  const response = await browser.fetch(`${webUrl}/auth/signin`);
  return response.headers.get('location') ?? '';
}

/** The same URL with some parameters changed; undefined removes one. */
export function withParameters(url: URL, changes: Readonly<Record<string, string | undefined>>): URL {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) changed.searchParams.delete(name);
    else changed.searchParams.set(name, value);
  }
  return changed;
}

export async function isSignedIn(webUrl: string, browser: Browser): Promise<boolean> {
  return (await browser.goto(`${webUrl}/`)).html.includes('Sign out');
}

/** How often the app called the tenant's token endpoint during some work. */
export async function tokenCallsOf({ asked }: Pick<System, 'asked'>, work: () => Promise<unknown>): Promise<number> {
  const before = asked.length;
  await work();
  return asked.slice(before).filter((request) => request.endsWith('/token')).length;
}

/** Why sign-ins failed, according to the web app's log. */
export function failuresIn(logged: readonly string[]): string[] {
  const failed = logged.filter((line) => line.includes('"event":"sign-in-failed"'));
  return failed.map((line) => String(JSON.parse(line).error));
}

/** Sets this process's clock forward by a minute until `vi.useRealTimers()`, so that sessions are not new any more. */
export function aMinuteLater(): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000, shouldAdvanceTime: true });
}
