import { createServer } from 'node:http';
import type { BrowserContextOptions } from 'playwright-core';
import { DemoApp } from '../../local-tenant/test/DemoApp.ts';
import { startFlows } from '../../local-tenant/test/flows.ts';
import { connectChromium, openWindow } from '../support/chromium.ts';
import { KeyboardCustomer } from '../support/KeyboardCustomer.ts';
import type { RunningTenant } from '../support/startTenant.ts';

/** A tenant with every kind of user flow, and the means to walk through its pages. */
export interface TenantTour {
  readonly tenant: RunningTenant;
  /** Stands in for every app: only the address that the browser returns to matters. */
  readonly appUrl: string;
  /** @param parameters of the authorization request that differ from the web app's */
  authorizeUrl(parameters?: Readonly<Record<string, string | undefined>>): string;
  /** A window of a customer's own. */
  openCustomer(options?: BrowserContextOptions): Promise<KeyboardCustomer>;
  stop(): Promise<void>;
}

export async function startTenantTour(): Promise<TenantTour> {
  const [tenant, chromium] = await Promise.all([startFlows(), connectChromium()]);
  const app = new DemoApp(tenant);
  const apps = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<title>The app</title>');
  });
  await new Promise<void>((resolve) => apps.listen(0, 'localhost', resolve));
  const address = apps.address();
  const appUrl = `http://localhost:${typeof address === 'object' && address ? address.port : 0}`;
  return {
    tenant,
    appUrl,
    authorizeUrl(parameters) {
      const url = app.authorizeUrl(parameters);
      const { pathname } = new URL(url.searchParams.get('redirect_uri') ?? '');
      url.searchParams.set('redirect_uri', `${appUrl}${pathname}`);
      return url.href;
    },
    async openCustomer(options) {
      // The pages' own policy would block axe-core.
      const { page } = await openWindow(chromium, { ...options, bypassCSP: true });
      const customer = new KeyboardCustomer(page);
      await customer.begin();
      return customer;
    },
    async stop() {
      await chromium.close();
      apps.close();
      await tenant.stop();
    },
  };
}
