import type { TenantConfig } from './config.ts';
import { guidFrom } from './runtime/guidFrom.ts';

/*
 * How Entra External ID differs from plain OpenID Connect, and where to find each difference:
 *   paths and metadata                   here
 *   the tenant's names in paths          tenantPaths.ts
 *   scopes that name their API           authorize/scopes.ts
 *   requests and answers of /authorize   authorize/
 *   client authentication                token/clientAuthentication.ts, token/clientAssertion.ts
 *   the token endpoint and its envelope  token/tokenEndpoint.ts, token/grantTypes.ts, token/tokenAnswer.ts
 *   devices without a browser            token/deviceCodeEndpoint.ts, userFlows/devicePages.ts
 *   claims                               token/claims.ts
 *   AADSTS errors                        AadstsError.ts, aadstsCodes.ts
 *   sign-out with one parameter          sign-out/logoutEndpoint.ts
 *   signing keys with certificates       token/SigningKeys.ts
 *   registering apps, Microsoft Graph    graph/createGraphRouter.ts
 */

/** Entra's paths below a tenant. MSAL replaces the first "/token" in the URL by "/devicecode"; none may come earlier. */
export function endpointPaths({ tenantId }: Pick<TenantConfig, 'tenantId'>) {
  return {
    authorize: `/${tenantId}/oauth2/v2.0/authorize`,
    token: `/${tenantId}/oauth2/v2.0/token`,
    deviceCode: `/${tenantId}/oauth2/v2.0/devicecode`,
    logout: `/${tenantId}/oauth2/v2.0/logout`,
    keys: `/${tenantId}/discovery/v2.0/keys`,
    metadata: `/${tenantId}/v2.0/.well-known/openid-configuration`,
  } as const;
}

/** The pages on which customers sign a device in, and the path to which the user flow returns. */
export function devicePaths({ tenantId }: Pick<TenantConfig, 'tenantId'>) {
  const page = `/${tenantId}/oauth2/deviceauth`;
  return { page, start: `${page}/start`, decline: `${page}/decline`, done: `${page}/done` } as const;
}

/** The redirect URI of a device's sign-in, which no app can register or request. */
export function deviceRedirectUri(config: Pick<TenantConfig, 'tenantId' | 'baseUrl'>): string {
  return `${config.baseUrl}${devicePaths(config).done}`;
}

/** The issuer: its host is the tenant's GUID, whatever the request's host was. */
export function issuerOf({ tenantId }: Pick<TenantConfig, 'tenantId'>): string {
  return `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;
}

/**
 * The metadata document with exactly the fields that external tenants send.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#fetch-the-openid-configuration-document
 */
export function discoveryDocument(config: TenantConfig): Readonly<Record<string, unknown>> {
  const { baseUrl, tenantId } = config;
  const paths = endpointPaths(config);
  return {
    token_endpoint: `${baseUrl}${paths.token}`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${baseUrl}${paths.keys}`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerOf(config),
    request_uri_parameter_supported: false,
    userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
    authorization_endpoint: `${baseUrl}${paths.authorize}`,
    device_authorization_endpoint: `${baseUrl}${paths.deviceCode}`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${baseUrl}${paths.logout}`,
    claims_supported: [
      'sub',
      'iss',
      'cloud_instance_name',
      'cloud_instance_host_name',
      'cloud_graph_host_name',
      'msgraph_host',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'acr',
      'nonce',
      'preferred_username',
      'name',
      'tid',
      'ver',
      'at_hash',
      'c_hash',
      'email',
    ],
    kerberos_endpoint: `${baseUrl}/${tenantId}/kerberos`,
    tenant_region_scope: 'EU',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
    rbac_url: 'https://pas.windows.net',
  };
}

/** The session's id as apps see it (`sid`, `session_state`): a GUID derived from oidc-provider's id. */
export function sessionGuid(sessionUid: string): string {
  return guidFrom(sessionUid);
}

/**
 * The object id of an app's service principal: `oid` and `sub` of its app-only tokens. It is derived from the client id,
 * so that it survives a restart without being stored.
 */
export function servicePrincipalId(clientId: string): string {
  return guidFrom(`service principal ${clientId}`);
}

/** The words of a parameter that separates them by spaces. */
export function words(parameter: unknown): string[] {
  return typeof parameter === 'string' ? parameter.split(' ').filter(Boolean) : [];
}
