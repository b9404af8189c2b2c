import { administratorClient } from '../graph/wellKnown.ts';
import type { ApiRegistration, AppRegistration, TenantDocument, UserFlow } from './document.ts';
import { allRedirectUris, isOriginOf, isRegisteredRedirectUri } from './redirectUri.ts';

export interface DirectoryRegistrations {
  readonly apps: readonly AppRegistration[];
  readonly apis: readonly ApiRegistration[];
  /** By the app's client id. Without a user flow, customers sign in with passwords and cannot sign up. */
  readonly userFlows: ReadonlyMap<string, UserFlow>;
}

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

  get apps(): readonly AppRegistration[] {
    return [...this.#document.apps, ...this.#directory.apps];
  }

  get apis(): readonly ApiRegistration[] {
    return [...this.#document.apis, ...this.#directory.apis];
  }

  useDirectory(directory: DirectoryRegistrations): void {
    this.#directory = directory;
    this.#appsById = new Map([administratorClient, ...this.apps].map((app) => [app.clientId, app]));
  }

  findClient(clientId: unknown): AppRegistration | undefined {
    return typeof clientId === 'string' ? this.#appsById.get(clientId.toLowerCase()) : undefined;
  }

  /** @param resource the prefix of a scope: an identifier URI or a client id */
  findApi(resource: string): ApiRegistration | undefined {
    return this.apis.find((api) => api.identifierUri === resource || api.clientId === resource);
  }

  /** An app of the document gets the user flow it names, or the first one. An app of the directory can have none. */
  userFlowOf(clientId: unknown): UserFlow | undefined {
    const app = this.findClient(clientId);
    if (!app || !this.#document.apps.includes(app)) return this.#directory.userFlows.get(app?.clientId ?? '');
    return app.userFlow === undefined ? this.#firstFlow : this.#flowsByName.get(app.userFlow.toLowerCase());
  }

  /** The delegated permissions in an app's registration: those it lists, or all of the API's. */
  requiredPermissions(app: AppRegistration, api: ApiRegistration): readonly string[] {
    return app.requiredPermissions ? (app.requiredPermissions[api.clientId] ?? []) : api.scopes;
  }

  /** @see isRegisteredRedirectUri for the comparison */
  isRedirectUriOf(clientId: unknown, uri: string): boolean {
    const app = this.findClient(clientId);
    return app !== undefined && isRegisteredRedirectUri(uri, allRedirectUris(app));
  }

  isAnyRedirectUri(uri: string): boolean {
    return this.apps.some((app) => isRegisteredRedirectUri(uri, allRedirectUris(app)));
  }

  isSpaOrigin(origin: string): boolean {
    return this.apps.some(({ spaRedirectUris }) => isOriginOf(origin, spaRedirectUris));
  }
}
