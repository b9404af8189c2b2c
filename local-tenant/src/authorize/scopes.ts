import { AadstsError } from '../AadstsError.ts';
import { administratorClient, graphApi } from '../graph/wellKnown.ts';
import type { ApiRegistration, AppRegistration } from '../registrations/document.ts';
import type { Registrations } from '../registrations/Registrations.ts';
import { nameOf } from '../token/clientAuthentication.ts';

const openIdScopes = ['openid', 'profile', 'email', 'offline_access'] as const;
export type OpenIdScope = (typeof openIdScopes)[number];

export interface RequestedScopes {
  readonly openId: ReadonlySet<string>;
  /** The API whose permissions were asked for; without one, the access token is for Microsoft Graph. */
  readonly api: ApiRegistration | undefined;
  /** The short names of the permissions, as in `scp`. */
  readonly permissions: readonly string[];
  /** What the answer's `scope` says: full names, which MSAL's cache compares with those it asked for. */
  readonly echoed: string;
}

const graphPrefix = 'https://graph.microsoft.com/';

/**
 * Reads a `scope` parameter: OpenID scopes, and permissions of one API, which is named by their prefix.
 * @throws {AadstsError} 70011 for a scope that does not exist, 500011 for an unknown API, 700022 for two APIs, 90009 for
 * the app itself, 650057 for an API that its registration does not list, 65001 for what no administrator has consented to.
 * @see https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function parseScopes(text: string, registrations: Registrations, app: AppRegistration): RequestedScopes {
  const scopes = [...new Set(text.split(' ').filter(Boolean))];
  if (scopes.length === 0) throw new AadstsError(900144, 'scope');
  const openId = scopes.filter((scope) => isOpenIdScope(scope));
  const permissions = scopes
    .filter((scope) => !isOpenIdScope(scope))
    .map((scope) => parsePermission(scope, registrations, app));
  const api = permissions[0]?.api;
  if (permissions.some((permission) => permission.api !== api)) throw new AadstsError(700022);
  const names = [...new Set(permissions.flatMap((permission) => permission.names))];
  checkConsent(registrations, app, api, names);
  const echoed = [
    ...permissions.flatMap(({ full }) => full),
    ...openId.filter((scope) => scope !== 'offline_access'),
  ].join(' ');
  return { openId: new Set(openId), api, permissions: names, echoed };
}

/**
 * The API that an app asks an app-only token for.
 * @throws {AadstsError} 1002012 unless the scope is one API's `/.default`; 500011 for an unknown API.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#get-a-token
 */
export function parseDefaultScope(text: string, registrations: Registrations, app: AppRegistration): ApiRegistration {
  const resource = /^(\S+)\/\.default$/.exec(text)?.[1];
  if (!resource) throw new AadstsError(1002012, text);
  return findApi(resource, registrations, app);
}

/** In an external tenant only an administrator can consent, to the OpenID scopes as well. @see https://learn.microsoft.com/entra/external-id/customers/concept-supported-features-customers */
function checkConsent(
  registrations: Registrations,
  app: AppRegistration,
  api: ApiRegistration | undefined,
  names: readonly string[],
): void {
  const allowed = api ? registrations.requiredPermissions(app, api) : [];
  if (!app.adminConsent || names.some((name) => !allowed.includes(name))) {
    throw new AadstsError(65001, `'${app.clientId}' named '${app.displayName}'`);
  }
}

function isOpenIdScope(scope: string): scope is OpenIdScope {
  return openIdScopes.some((known) => known === scope);
}

function findApi(resource: string, registrations: Registrations, app: AppRegistration): ApiRegistration {
  if (resource.toLowerCase() === `api://${app.clientId}`) throw new AadstsError(90009, nameOf(app));
  const api = registrations.findApi(resource);
  if (api) return api;
  if (resource.toLowerCase() === app.clientId) return itselfAsApi(app);
  throw new AadstsError(500011, `${resource} was not found in the tenant named ${registrations.displayName}`);
}

/** An app may ask for a token for itself by its client id. */
function itselfAsApi({ clientId, displayName, appRoles }: AppRegistration): ApiRegistration {
  const optionalClaims = { accessToken: [], includeUserToken: false };
  return { clientId, displayName, identifierUri: `api://${clientId}`, scopes: [], appRoles, optionalClaims };
}

function parsePermission(scope: string, registrations: Registrations, app: AppRegistration) {
  const slash = scope.lastIndexOf('/');
  // A name without a prefix is one of Microsoft Graph's.
  if (slash < 0 || scope.startsWith(graphPrefix)) return graphPermission(scope, app);
  const [resource, name] = [scope.slice(0, slash), scope.slice(slash + 1)];
  const api = findApi(resource, registrations, app);
  const listed = Object.keys(app.requiredPermissions ?? { [api.clientId]: [] });
  if (!listed.includes(api.clientId)) {
    const details = `Client app ID: ${app.clientId}(${app.displayName}). Resource value from request: ${resource}. Resource app ID: ${api.clientId}. List of valid resources from app registration: ${listed.join(', ')}.`;
    throw new AadstsError(650057, details);
  }
  if (name === '.default') {
    const names = registrations.requiredPermissions(app, api);
    return { api, names, full: [...names.map((granted) => `${resource}/${granted}`), scope] };
  }
  if (!api.scopes.includes(name)) throw new AadstsError(70011, scope);
  return { api, names: [name], full: [scope] };
}

/** Customers' apps can ask Microsoft Graph for the customer's own data alone, with a token that is opaque to them. */
function graphPermission(scope: string, app: AppRegistration) {
  const name = scope.replace(graphPrefix, '');
  if (app === administratorClient) {
    if (name === '.default')
      return {
        api: graphApi,
        names: graphApi.scopes,
        full: [...graphApi.scopes.map((one) => `${graphPrefix}${one}`), scope],
      };
    if (graphApi.scopes.includes(name)) return { api: graphApi, names: [name], full: [scope] };
  }
  if (name !== 'User.Read') throw new AadstsError(70011, scope);
  return { api: undefined, names: [], full: [scope] };
}
