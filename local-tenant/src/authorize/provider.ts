import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { AdapterPayload, Configuration, KoaContextWithOIDC, Provider as OidcProvider } from 'oidc-provider';
import { deviceRedirectUri, endpointPaths } from '../entraDialect.ts';
import { errorFields } from '../runtime/logger.ts';
import { cookieNames, sessionCookieOptions } from '../sessionCookies.ts';
import { rememberApp } from '../sign-out/sessionApps.ts';
import type { Tenant } from '../state/tenant.ts';
import { renderPage, signInOver } from '../userFlows/pages.ts';
import { Provider } from './oidcProvider.ts';
import { prompts } from './prompts.ts';
import { answerLikeEntra } from './providerAnswers.ts';

type ProviderParts = Pick<Tenant, 'config' | 'registrations' | 'customers' | 'store' | 'faults' | 'log'>;

/**
 * The part of oidc-provider that this tenant uses: authorization requests, sessions, interactions and codes.
 * Its issuer is only a base for its own links; tokens carry Entra's form of the issuer.
 */
export function createProvider(parts: ProviderParts): OidcProvider {
  const provider = new Provider(parts.config.baseUrl, configuration(parts));
  // There may be a TLS proxy. The tenant listens on loopback only, so others cannot send the proxy's headers.
  provider.proxy = true;
  provider.on('server_error', (_ctx, error) => parts.log.error('oidc-provider failed', errorFields(error)));
  // The documented way to match redirect URIs by other rules:
  // https://github.com/panva/node-oidc-provider/blob/main/recipes/redirect_uri_wildcards.md
  provider.Client.prototype.redirectUriAllowed = function isAllowed(uri: string) {
    const isOfDevicePage = uri === deviceRedirectUri(parts.config);
    return isOfDevicePage || parts.registrations.isRedirectUriOf(this.clientId, uri);
  };
  answerLikeEntra(provider, parts);
  return provider;
}

const withoutFeatures: Configuration['features'] = {
  devInteractions: { enabled: false },
  dPoP: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  resourceIndicators: { enabled: false },
  rpInitiatedLogout: { enabled: false },
  userinfo: { enabled: false },
};

/** An app's metadata for oidc-provider, which requires a redirect URI; the app's own are checked elsewhere. */
export function providerClient(
  { config, registrations }: Pick<ProviderParts, 'config' | 'registrations'>,
  clientId: string,
): AdapterPayload | undefined {
  if (!registrations.findClient(clientId)) return undefined;
  return {
    client_id: clientId,
    redirect_uris: [deviceRedirectUri(config)],
    id_token_signed_response_alg: 'ES256',
    token_endpoint_auth_method: 'none',
  };
}

function configuration({ config, registrations, customers, store }: ProviderParts): Configuration {
  return {
    adapter: store.adapter,
    clockTolerance: 0,
    cookies: {
      keys: [randomBytes(32).toString('hex')],
      names: cookieNames(config),
      long: sessionCookieOptions(config.baseUrl),
    },
    extraParams: ['client_info', 'client-request-id', 'entra_scope', 'entra_acrs', 'domain_hint', 'mkt', 'fault'],
    features: withoutFeatures,
    findAccount: (_ctx, oid) =>
      customers.findByOid(oid) && { accountId: oid, claims: () => Promise.resolve({ sub: oid }) },
    interactions: { policy: prompts(customers), url: (_ctx, { uid }) => `/${config.tenantId}/interaction/${uid}` },
    // It signs nothing (see token/SigningKeys.ts), but accepts no client without a key.
    jwks: { keys: [generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })] },
    loadExistingGrant: consentByAdministrator,
    pkce: { required: () => false },
    renderError: async (ctx) => {
      ctx.type = 'html';
      ctx.body = await renderPage('error', signInOver, registrations.displayName);
    },
    responseTypes: ['code'],
    routes: { authorization: endpointPaths(config).authorize },
    scopes: ['openid'],
    ttl: { AuthorizationCode: 600, Grant: 3600, Interaction: 3600, Session: 86_400 },
  };
}

/**
 * Grants the requested scopes. They travel in `entra_scope`, because oidc-provider would drop the scopes of APIs, and
 * offline_access without prompt=consent.
 */
async function consentByAdministrator(ctx: KoaContextWithOIDC) {
  const { oidc } = ctx;
  const scope = String(oidc.params?.entra_scope ?? 'openid');
  if (oidc.params) oidc.params.scope = scope;
  // oidc-provider asks for auth_time with prompt=login too; only OpenID Connect's max_age requires it.
  if (oidc.params?.max_age === undefined) Object.assign(oidc, { claims: {} });
  const clientId = oidc.client?.clientId;
  const accountId = oidc.session?.accountId;
  const grant = new oidc.provider.Grant({ ...(clientId ? { clientId } : {}), ...(accountId ? { accountId } : {}) });
  if (clientId) rememberApp(oidc.session, clientId, oidc.params?.redirect_uri);
  grant.addOIDCScope(scope);
  await grant.save();
  return grant;
}
