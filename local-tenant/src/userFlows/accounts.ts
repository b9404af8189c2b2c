import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { sessionCookieOptions } from '../sessionCookies.ts';
import type { Customer, CustomerDirectory } from '../state/CustomerDirectory.ts';

const maxAccounts = 8;

interface Cookies {
  get(name: string): string | undefined;
  set(name: string, value: string | null, options: ReturnType<typeof sessionCookieOptions>): unknown;
}
export type Session = NonNullable<Awaited<ReturnType<Provider['Session']['findByUid']>>>;

export interface Account {
  readonly customer: Customer;
  readonly session: Session;
}

export type TenantParts = { readonly provider: Provider; readonly customers: CustomerDirectory };

export function cookiesOf({ provider }: TenantParts, request: IncomingMessage, response: ServerResponse): Cookies {
  return provider.createContext(request, response).cookies;
}

/** The customers who are signed in to this browser, the most recent one last. */
export async function listAccounts({ provider, customers }: TenantParts, cookies: Cookies): Promise<Account[]> {
  const sessions = await Promise.all(readUids(provider, cookies).map((uid) => provider.Session.findByUid(uid)));
  return sessions.flatMap((session) => {
    const customer = session && customers.findByOid(session.accountId ?? '');
    return session && customer ? [{ customer, session }] : [];
  });
}

export function rememberSession(provider: Provider, cookies: Cookies, uid: string): void {
  const others = readUids(provider, cookies).filter((known) => known !== uid);
  writeUids(provider, cookies, [...others, uid].slice(-maxAccounts));
}

/** Makes a session the current one, which answers apps without a page; undefined: there is no current one. */
export function switchSession({ provider }: TenantParts, cookies: Cookies, session: Session | undefined): void {
  cookies.set(provider.cookieName('session'), session?.jti ?? null, sessionCookieOptions(provider.issuer));
}

/** Ends one account's session; the most recent other account becomes the current one. */
export async function endSession(parts: TenantParts, cookies: Cookies, ended: Account): Promise<void> {
  const left = (await listAccounts(parts, cookies)).filter(({ session }) => session.uid !== ended.session.uid);
  await ended.session.destroy();
  writeUids(
    parts.provider,
    cookies,
    left.map(({ session }) => session.uid),
  );
  switchSession(parts, cookies, left.at(-1)?.session);
}

/** Finds the customer of a `login_hint` or `logout_hint`: an address, or the claim `login_hint`, which is opaque to apps. */
export function customerOfHint(customers: CustomerDirectory, hint: string): Customer | undefined {
  if (!hint.startsWith('O.')) return customers.findByEmail(hint);
  const [oid = ''] = Buffer.from(hint.slice(2), 'base64url').toString().split(' ');
  return customers.findByOid(oid);
}

/** A browser can hold sessions of several customers; oidc-provider knows only the current one. */
function accountsCookie(provider: Provider): string {
  return `${provider.cookieName('session')}_accounts`;
}

function readUids(provider: Provider, cookies: Cookies): string[] {
  return (cookies.get(accountsCookie(provider)) ?? '').split('.').filter(Boolean).slice(-maxAccounts);
}

function writeUids(provider: Provider, cookies: Cookies, uids: readonly string[]): void {
  const value = uids.length > 0 ? uids.join('.') : null;
  cookies.set(accountsCookie(provider), value, sessionCookieOptions(provider.issuer));
}
