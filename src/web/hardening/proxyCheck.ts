import { hkdfSync } from 'node:crypto';
import type { Request } from 'express';
import { z } from 'zod';
import { type HttpClient, HttpClientError } from '../../runtime/httpClient.ts';
import type { Logger } from '../../runtime/logger.ts';
import { secretEqual } from '../../runtime/secretEqual.ts';
import type { WebConfig } from '../config.ts';

const header = 'X-Proxy-Check';

/** How a request of the app to its own address arrived: through how many proxies that add to `X-Forwarded-For`. */
const route = z.object({ proxies: z.number(), isSecure: z.boolean() });
type Route = z.output<typeof route>;

/**
 * Known to all instances and to nobody else: how many proxies there are is not told to strangers. The proxies see it: a
 * plain HMAC under the secret would be the signature of a session cookie.
 */
function passwordOf(sessionSecret: string): string {
  return Buffer.from(hkdfSync('sha256', sessionSecret, '', 'web:v1:proxy-check', 32)).toString('base64url');
}

/** How a request came here, if it is the app itself that asks. */
export function routeOf(request: Request, sessionSecrets: readonly string[]): Route | undefined {
  const password = request.get(header);
  if (password === undefined) return undefined;
  if (!sessionSecrets.some((secret) => secretEqual(password, passwordOf(secret)))) return undefined;
  const addresses = request.get('X-Forwarded-For')?.split(',') ?? [];
  return { proxies: addresses.length, isSecure: request.secure };
}

/**
 * Asks the app for itself under its own address, and says in the log whether `TRUST_PROXY` counts the proxies on the
 * way. With too few, all customers share the address of a proxy; with too many, whoever wants to chooses an address.
 * @see https://expressjs.com/en/guide/behind-proxies.html
 */
export async function checkProxies(config: WebConfig, http: HttpClient, log: Logger): Promise<void> {
  const found = await askItself(config, http);
  const name = `TRUST_PROXY=${config.trustedProxies}`;
  if (typeof found === 'string') return log.warn(`${name} could not be checked: ${found}`);
  const problem = problemOf(found, config);
  if (problem) log.error(`${name} is wrong: ${problem}`);
  else log.info(`${name} counts the proxies before the app`);
}

function problemOf({ proxies, isSecure }: Route, { trustedProxies, isHttps }: WebConfig): string | undefined {
  if (isHttps && proxies === 0) {
    return 'the proxy that ends TLS adds no address to X-Forwarded-For. Make it add one, and set X-Forwarded-Proto';
  }
  if (proxies < trustedProxies) {
    return `who sends X-Forwarded-For chooses the address that is counted. Set TRUST_PROXY=${proxies}`;
  }
  if (proxies > trustedProxies) {
    return `all customers seem to come from one proxy, and share its rate limits. Set TRUST_PROXY=${proxies}`;
  }
  return isSecure === isHttps ? undefined : 'the proxy ends TLS and does not say so. Make it set X-Forwarded-Proto';
}

/** @returns how the request arrived, or why that is not known */
async function askItself({ baseUrl, sessionSecrets }: WebConfig, http: HttpClient): Promise<Route | string> {
  try {
    const headers = { [header]: passwordOf(sessionSecrets[0] ?? '') };
    const { status, body } = await http.request({ method: 'GET', url: `${baseUrl}/livez`, headers });
    const answer = z.object({ route }).safeParse(parsed(body));
    return answer.success ? answer.data.route : `${baseUrl}/livez answers ${status}, but not as this app does`;
  } catch (error) {
    if (error instanceof HttpClientError) return error.message;
    throw error;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
