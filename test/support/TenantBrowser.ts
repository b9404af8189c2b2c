import { Browser } from './Browser.ts';
import { formOn } from './page.ts';
import type { SendOptions } from './send.ts';

/** A page of the tenant, or the address outside the tenant that it redirected to. */
export interface BrowserPage {
  readonly url: URL;
  readonly status: number;
  readonly html: string;
  /** Whether the tenant redirected to `url`, which was not fetched. */
  readonly isElsewhere: boolean;
}

export interface NewAccount {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
}

/** A browser that stops at a redirect out of the tenant. */
export class TenantBrowser {
  readonly #browser = new Browser();

  /** Signs in. @returns the app's address that the tenant redirects to */
  async signIn(authorizeUrl: string | URL, email: string, password: string): Promise<URL> {
    const first = await this.open(authorizeUrl);
    if (first.isElsewhere) return first.url;
    const second = await this.submit(first, { email });
    return leftTenant(await this.submit(second, { password }));
  }

  /** Creates an account with the code from the tenant's inbox. @returns the app's address that the tenant redirects to */
  async signUp(authorizeUrl: string | URL, { email, password, displayName }: NewAccount): Promise<URL> {
    const first = await this.open(authorizeUrl);
    const isSignUp = first.url.pathname.endsWith('/sign-up');
    const address = isSignUp ? first : await this.open(new URL(`${first.url.pathname}/sign-up`, first.url));
    const code = await this.submit(address, { email });
    const details = await this.submit(code, { code: await newestCode(code.url.origin, email) });
    return leftTenant(await this.submit(details, { displayName, password, confirmPassword: password }));
  }

  /** Opens a page and follows redirects within the tenant. */
  open(url: string | URL): Promise<BrowserPage> {
    return this.#request(new URL(url), { method: 'GET' });
  }

  /**
   * Posts a form with its values on the page and the given fields.
   * @param button the text of the button to press; default: the first button of the first form
   */
  submit(page: BrowserPage, fields: Readonly<Record<string, string>>, button?: string): Promise<BrowserPage> {
    const form = page.isElsewhere ? undefined : formOn(page.html, button);
    if (!form) throw new Error(`No form at ${page.url.href} (${page.status}): ${page.html}`);
    const body = new URLSearchParams({ ...form.fields, ...fields });
    return this.#request(new URL(form.action, page.url), { method: 'POST', body });
  }

  async #request(url: URL, options: SendOptions): Promise<BrowserPage> {
    const page = await this.#browser.goto(url, options, (next) => next.origin !== url.origin);
    return { url: page.url, status: page.status, html: page.html, isElsewhere: page.url.origin !== url.origin };
  }
}

/** The newest code that the tenant mailed to an address. */
export async function newestCode(tenantOrigin: string, email: string): Promise<string> {
  const response = await fetch(`${tenantOrigin}/inbox.json`);
  const mails: unknown = await response.json();
  const mail = Array.isArray(mails) ? mails.find(({ to }) => to === email) : undefined;
  if (!mail) throw new Error(`No mail to ${email}`);
  return String(mail.code);
}

function leftTenant(page: BrowserPage): URL {
  if (!page.isElsewhere) throw new Error(`Still in the tenant, at ${page.url.href} (${page.status}): ${page.html}`);
  return page.url;
}
