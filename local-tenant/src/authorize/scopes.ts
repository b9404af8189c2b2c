import { AadstsError } from '../AadstsError.ts';
import { words } from '../entraDialect.ts';
import { administratorClient, graphApi, graphScopes } from '../graph/wellKnown.ts';
import type { ApiRegistration, AppRegistration } from '../registrations/document.ts';
import type { Registrations } from '../registrations/Registrations.ts';
import { nameOf } from '../token/clientAuthentication.ts';

const mixedScopes = ".default scope can't be combined with resource-specific scopes.";
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

type Permission = ReturnType<typeof parsePermission>;

const graphPrefix = 'https://graph.microsoft.com/';

/**
 * Reads the `scope` of a request for tokens, which are for one API.
 * @throws {AadstsError} 28000 for two APIs, and what checkScopes throws
 */
export function parseScopes(text: string, registrations: Registrations, app: AppRegistration): RequestedScopes {
  const { openId, permissions } = checkScopes(text, registrations, app);
  const api = permissions[0]?.api;
  if (permissions.some((permission) => permission.api !== api)) throw new AadstsError(28000, text);
  const names = [...new Set(permissions.flatMap((permission) => permission.names))];
  const echoed = [
    ...permissions.flatMap(({ full }) => full),
    ...openId.filter((scope) => scope !== 'offline_access'),
  ].join(' ');
  return { openId: new Set(openId), api, permissions: names, echoed };
}

/**
 * Reads a `scope` parameter: OpenID scopes, and permissions with the prefixes of their APIs.
 * @throws {AadstsError} 70011 for a short name or a `.default` with others, 650053 for an unknown permission, 500011 for an
 * unknown API, 90009 for the app itself, 650057 for an API that its registration does not list, 65001 without consent.
 * @see https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export function checkScopes(text: string, registrations: Registrations, app: AppRegistration) {
  const scopes = [...new Set(words(text))];
  if (scopes.length === 0) throw new AadstsError(900144, 'scope');
  const openId = scopes.filter((scope) => openIdScopes.includes(scope));
  const others = scopes.filter((scope) => !openIdScopes.includes(scope));
  // https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/1718
  const isMixed = others.length > 1 && others.some((scope) => scope.endsWith('/.default'));
  if (isMixed) throw new AadstsError(70011, `${text} is not valid. ${mixedScopes}`);
  const permissions = others.map((scope) => parsePermission(scope, registrations, app));
  checkConsent(registrations, app, permissions);
  return { openId, permissions };
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
function checkConsent(registrations: Registrations, app: AppRegistration, permissions: readonly Permission[]): void {
  const isMissing = permissions.some(({ api, names }) => {
    const allowed = api ? registrations.requiredPermissions(app, api) : [];
    return names.some((name) => !allowed.includes(name));
  });
  if (!app.adminConsent || isMissing) {
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
  if (!api.scopes.includes(name)) throw unknownPermission(app, name, api);
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
  if (name === 'User.Read') return { api: undefined, names: [], full: [scope] };
  const isKnown = name === '.default' || Object.hasOwn(graphScopes, name);
  throw isKnown ? new AadstsError(70011, `${scope} is not valid.`) : unknownPermission(app, name, graphApi);
}

function unknownPermission({ displayName }: AppRegistration, name: string, { clientId }: ApiRegistration): AadstsError {
  return new AadstsError(
    650053,
    `'${displayName}' asked for scope '${name}' that doesn't exist on the resource '${clientId}'`,
  );
}
