import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from '../../test/support/Browser.ts';
import type { SendOptions } from '../../test/support/send.ts';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { loyaltyShop, terminal, webApp } from '../src/seed/apps.ts';
import { seed } from '../src/seed/seed.ts';

export const google = { id: 'google', displayName: 'Google', domain: 'google.com' };
export const shop = { client_id: loyaltyShop.clientId, redirect_uri: loyaltyShop.redirectUris[0] };
export const closed = { client_id: terminal.clientId, redirect_uri: 'http://localhost/' };
export const stepUp = { claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}' };

const displayName = { name: 'displayName', label: 'Display name', isRequired: true };
const oid = (last: number) => `33333333-cccc-4ccc-8ccc-00000000000${last}`;

/** The seed's tenant with every kind of user flow and customer. */
const document = {
  ...seed,
  apps: seed.apps?.map((app) => ({
    ...app,
    ...(app.clientId === terminal.clientId ? { userFlow: 'Closed' } : {}),
    ...(app.clientId === webApp.clientId ? { optionalClaims: { idToken: ['login_hint', 'acrs'] } } : {}),
  })),
  userFlows: [
    { name: 'Password', attributes: [displayName, { name: 'city', label: 'Town' }], identityProviders: [google] },
    { name: 'Email code', signIn: 'emailOneTimePasscode', attributes: [displayName] },
    { name: 'Closed', isSignUpAllowed: false },
  ],
  customers: [
    ...(seed.customers ?? []),
    { oid: oid(1), email: 'dora@example.com', displayName: 'Dora', password: 'Local-Tenant-1!', isEnabled: false },
    { oid: oid(2), email: 'gus@example.com', displayName: 'Gus', identityProvider: 'google.com' },
  ],
};

/** Starts that tenant. */
export async function startFlows(): Promise<RunningTenant> {
  const folder = await mkdtemp(join(tmpdir(), 'tenant-flows-'));
  const file = join(folder, 'tenant.json');
  await writeFile(file, JSON.stringify(document));
  try {
    return await startTenant({ TENANT_FILE: file });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A browser on the tenant's pages, which presses buttons by their names and stops where the tenant sends it away. */
export class FlowBrowser extends Browser {
  acceptLanguage = 'en';
  readonly #isAway: (url: URL) => boolean;

  constructor({ origin }: Pick<RunningTenant, 'origin'>) {
    super();
    this.#isAway = (url) => url.origin !== origin;
  }

  override fetch(url: string | URL, options: SendOptions = {}): Promise<Response> {
    return super.fetch(url, { ...options, headers: { ...options.headers, 'accept-language': this.acceptLanguage } });
  }

  /** The page's text; of the app's address, its parameters. */
  async open(url: string | URL): Promise<string> {
    await this.goto(url, {}, this.#isAway);
    return this.seen();
  }

  async press(button: string, fields: Readonly<Record<string, string>> = {}): Promise<string> {
    await this.submit(button, fields, this.#isAway);
    return this.seen();
  }

  /** Follows a link by its text. */
  follow(name: string): Promise<string> {
    const link = [...this.page.html.matchAll(/<a [^>]*href="([^"]*)"[^>]*>([^<]*)</g)].find(
      (match) => match[2] === name,
    );
    if (!link) throw new Error(`No link "${name}": ${this.seen()}`);
    return this.open(link[1] ?? '');
  }

  /** Signs in with a password. */
  async signIn(url: string | URL, email: string, password = 'Local-Tenant-1!'): Promise<string> {
    await this.open(url);
    await this.press('Next', { email });
    return this.press('Sign in', { password });
  }

  seen(): string {
    return this.#isAway(this.page.url) ? this.page.url.search : this.text();
  }
}
