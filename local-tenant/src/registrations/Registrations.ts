import { createHash } from 'node:crypto';
import type { DirectoryRegistrations } from '../graph/directoryRegistrations.ts';
import { administratorClient } from '../graph/wellKnown.ts';
import type { ApiRegistration, AppRegistration, TenantDocument, UserFlow } from './document.ts';
import { isRegisteredRedirectUri } from './redirectUri.ts';

/** The apps, APIs and user flows of one tenant: those of its document, and those made through Microsoft Graph. */
export class Registrations {
  readonly displayName: string;
  readonly deviceVerificationUri: TenantDocument['deviceVerificationUri'];
  readonly #document: Pick<TenantDocument, 'apps' | 'apis'>;
  readonly #flowsByName: ReadonlyMap<string, UserFlow>;
  readonly #firstFlow: UserFlow | undefined;
  #directory: DirectoryRegistrations = { apps: [], apis: [], userFlows: new Map() };
  #appsById: ReadonlyMap<string, AppRegistration> = new Map();

  constructor({ displayName, deviceVerificationUri, apps, apis, userFlows }: Omit<TenantDocument, 'customers'>) {
    this.displayName = displayName;
    this.deviceVerificationUri = deviceVerificationUri;
    this.#document = { apps, apis };
    this.#flowsByName = new Map(userFlows.map((flow) => [flow.name.toLowerCase(), flow]));
    this.#firstFlow = userFlows[0];
    this.useDirectory(this.#directory);
  }

  /** The apps of the document, then those of the directory. */
  get apps(): readonly AppRegistration[] {
    return [...this.#document.apps, ...this.#directory.apps];
  }

  get apis(): readonly ApiRegistration[] {
    return [...this.#document.apis, ...this.#directory.apis];
  }

  /** Takes what has been registered through Microsoft Graph, in the place of what had been before. */
  useDirectory(directory: DirectoryRegistrations): void {
    this.#directory = directory;
    this.#appsById = new Map([administratorClient, ...this.apps].map((app) => [app.clientId, app]));
  }

  findClient(clientId: unknown): AppRegistration | undefined {
    return typeof clientId === 'string' ? this.#appsById.get(clientId.toLowerCase()) : undefined;
  }

  /** The API that a scope's prefix names: its identifier URI or its client id alone. */
  findApi(resource: string): ApiRegistration | undefined {
    return this.apis.find((api) => api.identifierUri === resource || api.clientId === resource);
  }

  /** The user flow of an app: the one that it names, else the first. An unknown app has none, nor has one of the directory by default. */
  userFlowOf(clientId: unknown): UserFlow | undefined {
    const app = this.findClient(clientId);
    if (!app || !this.#document.apps.includes(app)) return this.#directory.userFlows.get(app?.clientId ?? '');
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
