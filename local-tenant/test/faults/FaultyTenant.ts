import { type RunningTenant, startTenant } from '../../../test/support/startTenant.ts';
import { TenantBrowser } from '../../../test/support/TenantBrowser.ts';
import { seededPassword } from '../../src/seed/customers.ts';
import { DemoApp, type TokenAnswer } from '../DemoApp.ts';

/** A tenant whose faults are armed, with a customer who stays signed in to it. */
export class FaultyTenant {
  readonly tenant: RunningTenant;
  readonly app: DemoApp;
  readonly #browser = new TenantBrowser();

  private constructor(tenant: RunningTenant) {
    this.tenant = tenant;
    this.app = new DemoApp(tenant);
  }

  static async start(): Promise<FaultyTenant> {
    return new FaultyTenant(await startTenant());
  }

  arm(name: string, times = 1): Promise<Response> {
    return this.tenant.control('faults', { name, times });
  }

  /** The address back in the app after a sign-in. */
  signIn(changes: Readonly<Record<string, string>> = {}): Promise<URL> {
    return this.#browser.signIn(this.app.authorizeUrl(changes), 'alice@example.com', seededPassword);
  }

  /** The answer to a sound code while a fault is armed. */
  async redeemWith(fault: string): Promise<TokenAnswer> {
    const answer = await this.signIn();
    await this.arm(fault);
    return this.app.redeem(answer);
  }

  /** Sends a token request as it is, for answers that are no JSON. */
  async rawTokenAnswer(fault: string, signal?: AbortSignal): Promise<Response> {
    await this.arm(fault);
    const { origin, tenantId } = this.tenant;
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const url = `${origin}/${tenantId}/oauth2/v2.0/token`;
    return fetch(url, { method: 'POST', body, redirect: 'manual', ...(signal ? { signal } : {}) });
  }
}
