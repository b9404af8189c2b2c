import { type TenantSettings, tenantAuthority } from '../../entra/authority.ts';
import { fetchMetadata, type TenantMetadata, TenantUnavailable } from '../../entra/MetadataSource.ts';
import { HttpClientError, type HttpResponse } from '../../runtime/httpClient.ts';
import { aadstsIn, refusal } from '../aadsts.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, unchecked, warn } from '../finding.ts';

const warnedOffsetSeconds = 60;
/** The clock skew that Entra and this project accept. */
const acceptedOffsetSeconds = 300;

/** Reads the discovery document as the programs do. */
export async function checkMetadata(
  settings: TenantSettings,
  { http }: CheckContext,
): Promise<{ findings: Finding[]; metadata?: TenantMetadata }> {
  const name = 'tenant metadata';
  try {
    const metadata = await fetchMetadata(settings, http);
    return { findings: [ok(name, `the issuer is ${metadata.issuer}`)], metadata };
  } catch (error) {
    if (!(error instanceof TenantUnavailable)) throw error;
    const why = error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
    const { origin } = tenantAuthority(settings);
    const fix = `correct TENANT_SUBDOMAIN, TENANT_ID and TENANT_DOMAIN; check that this machine can reach ${origin}`;
    return { findings: [fail(name, why, fix)] };
  }
}

/** Whether TENANT_ID belongs to the subdomain, and whether this machine's clock is right. */
export async function checkNames(settings: TenantSettings, { http, now }: CheckContext): Promise<Finding[]> {
  const { origin } = tenantAuthority(settings);
  const url = `${origin}/${settings.subdomain}.onmicrosoft.com/v2.0/.well-known/openid-configuration`;
  try {
    const response = await http.request({ method: 'GET', url });
    return [checkTenantId(settings, response), checkClock(response.headers.date, now())];
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    return ['tenant id', 'clock'].map((name) => unchecked(name, `the tenant does not answer: ${error.message}`));
  }
}

function checkTenantId({ subdomain, tenantId }: TenantSettings, { status, body }: HttpResponse): Finding {
  const name = 'tenant id';
  const code = aadstsIn(body);
  const found = /"issuer":\s*"https:\/\/([0-9a-f-]{36})\./.exec(body)?.[1];
  if (status !== 200 || !found) {
    return code === undefined
      ? unchecked(name, `${subdomain} answers ${status}`)
      : refusal(name, code, subdomain, unchecked);
  }
  if (!tenantId) {
    const cause = 'TENANT_ID is not set, so the programs trust whichever tenant answers';
    return warn(name, cause, `set TENANT_ID=${found}`);
  }
  if (tenantId === found) return ok(name, `belongs to ${subdomain}`);
  return fail(name, `TENANT_ID does not belong to ${subdomain}, whose id is ${found}`, 'correct one of the two');
}

function checkClock(date: string | undefined, now: number): Finding {
  const name = 'clock';
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return unchecked(name, 'the tenant sends no Date header');
  const seconds = Math.round(Math.abs(now - theirs) / 1000);
  const cause = `this machine's clock differs from the tenant's by ${seconds} s`;
  const fix = 'synchronize the system clock with the network (NTP)';
  if (seconds > acceptedOffsetSeconds) return fail(name, `${cause}; tokens will not verify`, fix);
  return seconds > warnedOffsetSeconds ? warn(name, cause, fix) : ok(name, cause);
}
