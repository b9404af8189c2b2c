import { AadstsError } from '../AadstsError.ts';
import { words } from '../entraDialect.ts';
import { administratorClient, graphApi } from '../graph/wellKnown.ts';
import type { ApiRegistration, AppRegistration } from '../registrations/document.ts';
import type { Registrations } from '../registrations/Registrations.ts';
import { nameOf } from '../token/clientAuthentication.ts';

const openIdScopes = ['openid', 'profile', 'email', 'offline_access'];

export interface RequestedScopes {
  readonly openId: ReadonlySet<string>;
  /** The API of the requested permissions; undefined: the access token is for Microsoft Graph. */
  readonly api: ApiRegistration | undefined;
  /** The short names of the permissions, as in `scp`. */
  readonly permissions: readonly string[];
  /** The answer's `scope`: full names, because MSAL's cache compares them with the requested ones. */
  readonly echoed: string;
}

const graphPrefix = 'https://graph.microsoft.com/';

/**
 * Reads a `scope` parameter: OpenID scopes, and permissions with the prefix of one API.
 * @throws {AadstsError} 70011 for a scope that does not exist, 500011 for an unknown API, 700022 for two APIs, 90009 for
 * the app itself, 650057 for an API that its registration does not list, 65001 for permissions without an administrator's consent.
 * @see https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function parseScopes(text: string, registrations: Registrations, app: AppRegistration): RequestedScopes {
  const scopes = [...new Set(words(text))];
  if (scopes.length === 0) throw new AadstsError(900144, 'scope');
  const openId = scopes.filter((scope) => openIdScopes.includes(scope));
  const permissions = scopes
    .filter((scope) => !openIdScopes.includes(scope))
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
 * Finds the API of a request for an app-only token.
 * @throws {AadstsError} 1002012 unless the scope is one API's `/.default`; 500011 for an unknown API.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#get-a-token
 */
export function parseDefaultScope(text: string, registrations: Registrations, app: AppRegistration): ApiRegistration {
  const resource = /^(\S+)\/\.default$/.exec(text)?.[1];
  if (!resource) throw new AadstsError(1002012, text);
  return findApi(resource, registrations, app);
}

/** In an external tenant only administrators can consent, even to the OpenID scopes. @see https://learn.microsoft.com/entra/external-id/customers/concept-supported-features-customers */
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

function findApi(resource: string, registrations: Registrations, app: AppRegistration): ApiRegistration {
  if (resource.toLowerCase() === `api://${app.clientId}`) throw new AadstsError(90009, nameOf(app));
  const api = registrations.findApi(resource);
  if (api) return api;
  if (resource.toLowerCase() === app.clientId) return itselfAsApi(app);
  throw new AadstsError(500011, `${resource} was not found in the tenant named ${registrations.displayName}`);
}

/** An app can request a token for itself by its client id. */
function itselfAsApi({ clientId, displayName, appRoles }: AppRegistration): ApiRegistration {
  const optionalClaims = { accessToken: [], includeUserToken: false };
  return { clientId, displayName, identifierUri: `api://${clientId}`, scopes: [], appRoles, optionalClaims };
}

function parsePermission(scope: string, registrations: Registrations, app: AppRegistration) {
  const slash = scope.lastIndexOf('/');
  // Names without a prefix belong to Microsoft Graph.
  if (slash < 0 || scope.startsWith(graphPrefix)) return graphPermission(scope, app);
  const resource = scope.slice(0, slash);
  const name = scope.slice(slash + 1);
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

/** Apps can request only the customer's own data in Microsoft Graph, with a token that is opaque to them. */
function graphPermission(scope: string, app: AppRegistration) {
  const name = scope.replace(graphPrefix, '');
  if (app === administratorClient) {
    const full = graphApi.scopes.map((one) => `${graphPrefix}${one}`);
    if (name === '.default') return { api: graphApi, names: graphApi.scopes, full: [...full, scope] };
    if (graphApi.scopes.includes(name)) return { api: graphApi, names: [name], full: [scope] };
  }
  if (name !== 'User.Read') throw new AadstsError(70011, scope);
  return { api: undefined, names: [], full: [scope] };
}
