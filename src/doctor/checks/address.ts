import { HttpClientError } from '../../runtime/httpClient.ts';
import type { WebConfig } from '../../web/config.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, unchecked, warn } from '../finding.ts';

const hops = 'proxy hops';

/** Whether the web app is reached under its own address: through how many proxies, and with which cookie. */
export async function checkAddress({ web, http }: CheckContext): Promise<Finding[]> {
  if (!web) return [];
  const cookie = web.isHttps ? '__Host-session, sent over https only' : 'session, for http on this machine';
  return [checkHops(web), await checkAnswer(web, http), ok('cookie name', cookie)];
}

function checkHops({ isHttps, trustedProxies }: WebConfig): Finding {
  if (isHttps && trustedProxies === 0) {
    return fail(
      hops,
      'BASE_URL is https, but the app speaks http and TRUST_PROXY counts no proxy that ends TLS',
      'set TRUST_PROXY to the number of proxies; 1 on App Service, 2 with Front Door before it',
    );
  }
  if (!isHttps && trustedProxies > 0) {
    const cause = `TRUST_PROXY=${trustedProxies} believes X-Forwarded headers, which anybody can send without a proxy`;
    return warn(hops, cause, 'set TRUST_PROXY=0 for http on this machine');
  }
  return ok(hops, `TRUST_PROXY=${trustedProxies} fits BASE_URL`);
}

async function checkAnswer({ baseUrl }: WebConfig, http: CheckContext['http']): Promise<Finding> {
  const name = 'web app';
  const fix = 'check TRUST_PROXY, and that the proxy passes the Host header on';
  try {
    const { status } = await http.request({ method: 'GET', url: `${baseUrl}/` });
    if (status === 200) return ok(name, `answers at ${baseUrl}`);
    if (status === 421) return fail(name, `${baseUrl} answers 421: the app takes this for another address`, fix);
    return fail(name, `${baseUrl} answers ${status}`, 'read the log of the web app');
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    if (error.kind === 'unusable') return fail(name, `${baseUrl} redirects instead of showing the home page`, fix);
    return unchecked(name, `does not answer at ${baseUrl}`, 'start it and ask again');
  }
}
