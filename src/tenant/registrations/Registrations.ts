import { createHash } from 'node:crypto';
import type { ApiRegistration, AppRegistration, TenantDocument, UserFlow } from './document.ts';
import { isRegisteredRedirectUri } from './redirectUri.ts';

/** The apps, APIs and user flows of one tenant. */
export class Registrations {
  readonly displayName: string;
  readonly deviceVerificationUri: TenantDocument['deviceVerificationUri'];
  readonly apps: readonly AppRegistration[];
  readonly apis: readonly ApiRegistration[];
  readonly #appsById: ReadonlyMap<string, AppRegistration>;
  readonly #flowsByName: ReadonlyMap<string, UserFlow>;
  readonly #firstFlow: UserFlow | undefined;

  constructor({ displayName, deviceVerificationUri, apps, apis, userFlows }: Omit<TenantDocument, 'customers'>) {
    this.displayName = displayName;
    this.deviceVerificationUri = deviceVerificationUri;
    this.apps = apps;
    this.apis = apis;
    this.#appsById = new Map(apps.map((app) => [app.clientId, app]));
    this.#flowsByName = new Map(userFlows.map((flow) => [flow.name.toLowerCase(), flow]));
    this.#firstFlow = userFlows[0];
  }

  findClient(clientId: unknown): AppRegistration | undefined {
    return typeof clientId === 'string' ? this.#appsById.get(clientId.toLowerCase()) : undefined;
  }

  /** The API that a scope's prefix names: its identifier URI or its client id alone. */
  findApi(resource: string): ApiRegistration | undefined {
    return this.apis.find((api) => api.identifierUri === resource || api.clientId === resource);
  }

  /** The user flow of an app: the one that it names, else the first. An unknown app has none. */
  userFlowOf(clientId: unknown): UserFlow | undefined {
    const app = this.findClient(clientId);
    if (!app) return undefined;
    return app.userFlow === undefined ? this.#firstFlow : this.#flowsByName.get(app.userFlow.toLowerCase());
  }

  /** The delegated permissions that an app asks for in its registration: all of the API, unless it lists some. */
  requiredPermissions(app: AppRegistration, api: ApiRegistration): readonly string[] {
    return app.requiredPermissions ? (app.requiredPermissions[api.clientId] ?? []) : api.scopes;
  }

  /** @see isRegisteredRedirectUri for what counts as the same */
  isRedirectUriOf(clientId: unknown, uri: string): boolean {
    return isRegisteredRedirectUri(uri, this.findClient(clientId)?.redirectUris ?? []);
  }

  /** Whether any app may be redirected there. */
  isAnyRedirectUri(uri: string): boolean {
    return this.apps.some(({ redirectUris }) => isRegisteredRedirectUri(uri, redirectUris));
  }
}

/**
 * The object id of an app's service principal: `oid` and `sub` of its app-only tokens. It is made from the client id,
 * so that it is the same after a restart without being written down.
 */
export function servicePrincipalId(clientId: string): string {
  const hex = createHash('sha256').update(`service principal ${clientId}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
