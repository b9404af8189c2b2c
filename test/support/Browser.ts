import { type Form, formOn, textOn } from './page.ts';
import { type SendOptions, send } from './send.ts';

/** The page that the browser shows after following redirects. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

interface Cookie {
  readonly value: string;
  readonly path: string;
}

type Fields = Readonly<Record<string, string>>;

/**
 * A browser without scripts, images or frames, for tests over HTTP. It keeps cookies by host name without the
 * port, as browsers do, follows redirects (also in a `Refresh` header, without waiting), and sends forms with the
 * values on the page.
 */
export class Browser {
  readonly cookies = new Map<string, Cookie>();
  page: Page = { url: new URL('about:blank'), status: 0, headers: new Headers(), html: '' };

  /** Requests one URL and follows no redirect. */
  async fetch(url: string | URL, options: SendOptions = {}): Promise<Response> {
    const target = this.#resolve(url);
    const cookie = this.#cookieHeader(target);
    const headers = { accept: 'text/html', ...(cookie && { cookie }), ...options.headers };
    const response = await send(target, { ...options, headers });
    for (const line of response.headers.getSetCookie()) this.#keep(line, target);
    return response;
  }

  /** Goes to a URL and follows redirects. @param until stops before a URL for which this is true, and returns it as the page's */
  async goto(url: string | URL, options: SendOptions = {}, until?: (url: URL) => boolean): Promise<Page> {
    let target = this.#resolve(url);
    let response = await this.fetch(target, options);
    for (let hops = 0; hops < 20; hops += 1) {
      const location = locationOf(response);
      if (!location) break;
      target = new URL(location, target);
      if (until?.(target)) return this.#show(target, response, '');
      response = await this.fetch(target);
    }
    return this.#show(target, response, await response.text());
  }

  /** Sends the page's form that has a button with this text, with some fields filled in. */
  async submit(button: string, fields: Fields = {}, until?: (url: URL) => boolean): Promise<Page> {
    const form = this.form(button);
    const body = new URLSearchParams({ ...form.fields, ...fields });
    return await this.goto(form.action || this.page.url, { method: 'POST', body }, until);
  }

  /** The page's form that has a button with this text. @throws {Error} with the page when there is none */
  form(button: string): Form {
    const form = formOn(this.page.html, button);
    if (!form) throw new Error(`No button "${button}" at ${this.page.url} (${this.page.status}):\n${this.page.html}`);
    return form;
  }

  /** The text that a person reads on the page. */
  text(): string {
    return textOn(this.page.html);
  }

  #resolve(url: string | URL): URL {
    return new URL(url, this.page.url.href === 'about:blank' ? undefined : this.page.url);
  }

  #show(url: URL, response: Response, html: string): Page {
    this.page = { url, status: response.status, headers: response.headers, html };
    return this.page;
  }

  #cookieHeader(url: URL): string {
    const sent = [...this.cookies].filter(([, { path }]) => path === '/' || `${url.pathname}/`.startsWith(`${path}/`));
    return sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  #keep(line: string, url: URL): void {
    const [pair = '', ...attributes] = line.split(/; */);
    const name = pair.slice(0, pair.indexOf('='));
    const find = (key: string) =>
      attributes.find((part) => part.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const [maxAge, expires] = [find('max-age'), find('expires')];
    const isGone =
      maxAge === undefined ? expires !== undefined && Date.parse(expires) <= Date.now() : Number(maxAge) <= 0;
    if (isGone) this.cookies.delete(name);
    else this.cookies.set(name, { value: pair.slice(name.length + 1), path: find('path') ?? url.pathname });
  }
}

function locationOf({ status, headers }: Response): string | null | undefined {
  const isRedirect = status >= 300 && status < 400;
  return isRedirect ? headers.get('location') : /^\d+; url=(.+)$/.exec(headers.get('refresh') ?? '')?.[1];
}
