import { HttpClientError } from '../../runtime/httpClient.ts';
import type { WebConfig } from '../../web/config.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, unchecked, warn } from '../finding.ts';

const hops = 'proxy hops';

/** Checks that the web app is reached at its own address, through proxies that it trusts, and with which cookie. */
export async function checkAddress({ web, http }: CheckContext): Promise<Finding[]> {
  if (!web) return [];
  const cookie = web.isHttps ? '__Host-session, for https only' : 'session, for http on this machine';
  return [checkHops(web), await checkAnswer(web, http), ok('cookie name', cookie)];
}

function checkHops({ isHttps, trustedProxies }: WebConfig): Finding {
  if (isHttps && trustedProxies === 0) {
    return fail(
      hops,
      'BASE_URL is https, but TRUST_PROXY counts no proxy that terminates TLS',
      'set TRUST_PROXY to the number of proxies: 1 on App Service, 2 with Front Door',
    );
  }
  if (!isHttps && trustedProxies > 0) {
    const cause = `TRUST_PROXY=${trustedProxies} trusts X-Forwarded headers, which anybody can send without a proxy`;
    return warn(hops, cause, 'set TRUST_PROXY=0 for http on this machine');
  }
  if (!isHttps) return ok(hops, 'TRUST_PROXY=0: no proxy, for http on this machine');
  // The right number cannot be seen from outside: Express uses the same header for 1 and for 2 proxies.
  return ok(hops, `TRUST_PROXY=${trustedProxies}, right if that is how many proxies add to X-Forwarded-For`);
}

async function checkAnswer({ baseUrl }: WebConfig, http: CheckContext['http']): Promise<Finding> {
  const name = 'web app';
  const fix = 'check TRUST_PROXY, and that the proxy forwards the Host header and sets X-Forwarded-Proto';
  try {
    const { status } = await http.request({ method: 'GET', url: `${baseUrl}/` });
    if (status === 200) return ok(name, `answers at ${baseUrl}`);
    if (status === 421)
      return fail(name, `${baseUrl} answers 421: the request does not arrive with this host and over https`, fix);
    return fail(name, `${baseUrl} answers ${status}`, "read the web app's log");
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    if (error.kind === 'unusable') return fail(name, `${baseUrl} redirects instead of showing the home page`, fix);
    return unchecked(name, `does not answer at ${baseUrl}`, 'start it and run the doctor again');
  }
}
