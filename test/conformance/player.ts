import { seededPassword } from 'entra-local-tenant';
import { expect } from 'vitest';
import { Browser, type Page } from '../support/Browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { failuresIn } from '../web/callbackSteps.ts';

/** The outcome of one sign-in. */
export interface Played {
  readonly browser: Browser;
  readonly page: Page;
  /** The authorization request. */
  readonly request: URL;
  /** The app's requests to the tenant after that, except for signing keys. */
  readonly asked: readonly string[];
  /** The logged reason why the app did not complete the sign-in. */
  readonly failures: readonly string[];
}

/** Plays the suite's part with the local tenant, which misbehaves in one way, against the real app. */
export class Player {
  readonly system: System;
  /** A customer who is already signed in and must stay signed in. */
  readonly #bystander: Browser;

  private constructor(system: System, bystander: Browser) {
    this.system = system;
    this.#bystander = bystander;
  }

  /** Starts everything. As in the suite, every key set contains five keys that no client can use. */
  static async start(): Promise<Player> {
    const system = await startSystem();
    await system.control('faults', { name: 'keys-undecodable', times: 1_000_000 });
    return new Player(system, await system.signedIn('bob@example.com'));
  }

  /** Opens the claims page in a new browser and signs a customer in. @param fault for this sign-in only */
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

  /** Expects that the customer is signed in on the requested page after one token request. */
  async expectSignedIn({ browser, page, asked }: Played): Promise<void> {
    expect([page.status, page.url.pathname]).toEqual([200, '/users/id']);
    expect(browser.text()).toContain('alice@example.com');
    expect(asked).toEqual([this.#tokenRequest()]);
    await this.#expectBystander();
  }

  /** Expects that nobody is signed in, for the module's reason, and that the app made only the token request. */
  async expectTokenRefused({ browser, page, asked, failures }: Played, reason: string): Promise<void> {
    expect([page.status, asked]).toEqual([502, [this.#tokenRequest()]]);
    expect(failures).toEqual([expect.stringContaining(reason)]);
    await this.#expectSignedOut(browser);
  }

  /** Expects that nobody is signed in, for the module's reason, and that the code was sent nowhere. */
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
