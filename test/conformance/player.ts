import { seededPassword } from 'entra-local-tenant';
import { expect } from 'vitest';
import { Browser, type Page } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { failuresIn } from '../web/callbackSteps.ts';

/** What became of one sign-in. */
export interface Played {
  readonly browser: Browser;
  readonly page: Page;
  /** The address with which the app sent the browser to the tenant. */
  readonly request: URL;
  /** What the app asked of the tenant from then on, besides signing keys. */
  readonly asked: readonly string[];
  /** Why the app did not finish it, as its log has it. */
  readonly failures: readonly string[];
}

/** The suite's part, played by the local tenant: it misbehaves in one way, the app is the real one. */
export class Player {
  readonly system: System;
  /** A customer who is signed in before anything goes wrong, and must stay so. */
  readonly #bystander: Browser;

  private constructor(system: System, bystander: Browser) {
    this.system = system;
    this.#bystander = bystander;
  }

  /** Starts everything. As in the suite, the key set holds five keys that no client can use, in every answer. */
  static async start(): Promise<Player> {
    const system = await startSystem();
    await system.control('faults', { name: 'keys-undecodable', times: 1_000_000 });
    return new Player(system, await system.signedIn('bob@example.com'));
  }

  /** Signs a customer in, in a new browser, on the way to the claims page. @param fault of this sign-in only */
  async signIn(fault: string | undefined, webUrl = this.system.webUrl): Promise<Played> {
    const browser = new Browser();
    const start = await browser.fetch(`${webUrl}/auth/signin?returnTo=%2Fusers%2Fid`);
    const request = new URL(start.headers.get('location') ?? '');
    const faulty = new URL(request);
    if (fault) faulty.searchParams.set('fault', fault);
    const [before, lines] = [this.system.asked.length, this.system.logged.length];
    await browser.goto(faulty);
    await browser.submit('Next', { email: 'alice@example.com' });
    const page = await browser.submit('Sign in', { password: seededPassword });
    const asked = this.system.asked.slice(before).filter((call) => !call.includes('/discovery/v2.0/keys'));
    const failures = failuresIn(this.system.logged.slice(lines));
    return { browser, page, request, asked, failures };
  }

  /** The customer is signed in, on the page she wanted, for one token request. */
  async expectSignedIn({ browser, page, asked }: Played): Promise<void> {
    expect([page.status, page.url.pathname]).toEqual([200, '/users/id']);
    expect(browser.text()).toContain('alice@example.com');
    expect(asked).toEqual([this.#tokenRequest()]);
    await this.#expectBystander();
  }

  /** Nobody is signed in, for the reason that the module is about; the tenant was asked for tokens and for nothing else. */
  async expectTokenRefused({ browser, page, asked, failures }: Played, reason: string): Promise<void> {
    expect([page.status, asked]).toEqual([502, [this.#tokenRequest()]]);
    expect(failures).toEqual([expect.stringContaining(reason)]);
    await this.#expectSignedOut(browser);
  }

  /** Nobody is signed in, for the reason that the module is about, and the code was sent nowhere. */
  async expectAnswerRefused({ browser, page, asked, failures }: Played, reason: string): Promise<void> {
    expect([page.status, asked]).toEqual([400, []]);
    expect(failures).toEqual([expect.stringContaining(reason)]);
    await this.#expectSignedOut(browser);
  }

  async #expectSignedOut(browser: Browser): Promise<void> {
    expect(browser.page.url.pathname).toBe('/auth/redirect');
    expect(browser.cookies.has('session')).toBe(false);
    expect((await browser.fetch('/users/id')).status).toBe(303);
    await this.#expectBystander();
  }

  async #expectBystander(): Promise<void> {
    const answer = await this.#bystander.fetch(`${this.system.webUrl}/users/id`);
    expect([answer.status, (await answer.text()).includes('bob@example.com')]).toEqual([200, true]);
  }

  #tokenRequest(): string {
    return `POST /${this.system.tenantId}/oauth2/v2.0/token`;
  }
}
