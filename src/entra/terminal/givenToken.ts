import { decodeJwt } from 'jose';
import { z } from 'zod';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { parseJson } from '../../runtime/parseJson.ts';
import { fetchMetadata } from '../MetadataSource.ts';
import type { AdministeredTenant } from './administrator.ts';
import { NotDone } from './CommandError.ts';

/**
 * Asserts that GRAPH_ACCESS_TOKEN is of the tenant to administer. Graph serves the tenant of the token, whatever was
 * named. The token is sent nowhere and not verified, which Graph does.
 * @throws {NotDone} naming both tenants
 */
export async function assertTokenOfTenant(token: string, tenant: AdministeredTenant, http: HttpClient): Promise<void> {
  const { iss, tid } = claimsOf(token);
  if (tenant.kind === 'local') {
    // By the issuer, so that the token of a real tenant never travels over http.
    const { issuer } = await fetchMetadata(tenant.settings, http).catch((cause: Error) => {
      throw new NotDone(`The local tenant cannot be reached: ${cause.message}`, { cause });
    });
    if (iss === issuer) return;
    throw refusal(`is of ${iss ?? 'no issuer'}, but the local tenant is ${issuer}`);
  }
  const named = await tenantIdOf(tenant.name, http);
  if (tid?.toLowerCase() === named) return;
  const name = tenant.name.toLowerCase() === named ? named : `${tenant.name} (${named})`;
  throw refusal(`is of ${tid ? `tenant ${tid}` : 'no tenant'}, but the command is for tenant ${name}`);
}

function refusal(why: string): NotDone {
  return new NotDone(`GRAPH_ACCESS_TOKEN ${why}. Nothing was changed. Remove it to sign in, or name its tenant.`);
}

function claimsOf(token: string): { readonly iss?: string | undefined; readonly tid?: string | undefined } {
  try {
    return z.object({ iss: z.string().optional(), tid: z.string().optional() }).parse(decodeJwt(token));
  } catch {
    return {};
  }
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const discovery = z.object({ issuer: z.string() });

/** @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#find-your-apps-openid-configuration-document-uri */
async function tenantIdOf(name: string, http: HttpClient): Promise<string> {
  if (guid.test(name.toLowerCase())) return name.toLowerCase();
  const url = `https://login.microsoftonline.com/${encodeURIComponent(name)}/v2.0/.well-known/openid-configuration`;
  const { body } = await http.request({ method: 'GET', url }).catch((cause: Error) => {
    throw new NotDone(`The ID of tenant ${name} cannot be looked up: ${cause.message}`, { cause });
  });
  const parts = discovery.safeParse(parseJson(body)).data?.issuer.split('/') ?? [];
  const id = parts.find((part) => guid.test(part));
  if (!id) throw new NotDone(`Microsoft Entra knows no tenant ${name}. Correct the name of the tenant.`);
  return id;
}
