import { GraphClient } from '../../src/registration/GraphClient.ts';
import type { GraphReader } from '../../src/registration/read.ts';
import type { HttpClient } from '../../src/runtime/httpClient.ts';

export const ids = {
  tenant: '7c1f5d3a-94b2-4e0c-8a6d-2f5b9e3c1d70',
  web: '11111111-2222-4333-8444-555555555501',
  api: '11111111-2222-4333-8444-555555555502',
  headless: '11111111-2222-4333-8444-555555555503',
  graph: '00000003-0000-0000-c000-000000000000',
};

/** The objects in a tenant's directory. */
export interface DirectoryContents {
  /** Undefined if the administrator may read nothing. */
  organization: Readonly<Record<string, unknown>> | undefined;
  applications: Readonly<Record<string, object>>;
  /** The client IDs with a service principal. Its object id is `principal-{client ID}`. */
  principals: readonly string[];
  /** By client: its consent grants. */
  grants: Readonly<Record<string, readonly object[]>>;
  flows: Readonly<Record<string, readonly string[]>> | 'refused';
}

const scopes = ['ToDoList.Read', 'ToDoList.ReadWrite'];

export function grantOf(resource: string, scope: string, consentType = 'AllPrincipals') {
  return { id: `grant-${resource}`, clientId: 'principal', resourceId: `principal-${resource}`, consentType, scope };
}

export const consented = [grantOf(ids.graph, 'openid profile offline_access'), grantOf(ids.api, scopes.join(' '))];

export const soundApplications = {
  web: {
    web: { redirectUris: ['http://localhost:3000/auth/redirect', 'http://localhost:3000/auth/signed-out'] },
    passwordCredentials: [
      { keyId: 'old', hint: 'old', endDateTime: '2020-01-01T00:00:00Z' },
      { keyId: 'new', hint: 'sec', endDateTime: '2099-01-01T00:00:00Z' },
    ],
  },
  api: {
    identifierUris: [`api://${ids.api}`],
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: scopes.map((value) => ({ id: value, value, isEnabled: true })),
    },
  },
  headless: { isFallbackPublicClient: true, publicClient: { redirectUris: ['http://localhost'] } },
};

/** A directory with nothing wrong. */
export const soundDirectory: DirectoryContents = {
  organization: { id: ids.tenant, tenantType: 'CIAM' },
  applications: {
    [ids.web]: soundApplications.web,
    [ids.api]: soundApplications.api,
    [ids.headless]: soundApplications.headless,
  },
  principals: Object.values(ids),
  grants: { [ids.web]: consented, [ids.headless]: consented },
  flows: { [ids.web]: ['Sign up and in'], [ids.headless]: ['Sign up and in'] },
};

/** Microsoft Graph with these contents, for the doctor's requests only. */
export function graphOf(contents: DirectoryContents): GraphReader {
  const http: HttpClient = {
    async request({ url }) {
      const answer = answerTo(contents, decodeURIComponent(new URL(url).pathname + new URL(url).search));
      if (typeof answer === 'number') {
        return { status: answer, headers: {}, body: JSON.stringify({ error: { code: 'Refused', message: 'No.' } }) };
      }
      return { status: 200, headers: {}, body: JSON.stringify(answer) };
    },
  };
  return new GraphClient({ baseUrl: 'https://graph.microsoft.com/v1.0', accessToken: async () => 'token', http });
}

function answerTo(contents: DirectoryContents, path: string): object | number {
  const { organization, applications, principals, grants, flows } = contents;
  const id = /'(?:principal-)?([0-9a-f-]{36})'/.exec(path)?.[1] ?? '';
  if (path.endsWith('/organization')) return organization ? { value: [organization] } : 403;
  if (path.includes('/applications(appId='))
    return id in applications ? { id, appId: id, displayName: 'App', ...applications[id] } : 404;
  if (path.includes('/servicePrincipals(appId='))
    return principals.includes(id) ? { id: `principal-${id}`, appId: id } : 404;
  if (path.includes('/oauth2PermissionGrants?$filter=clientId eq ')) return { value: grants[id] ?? [] };
  if (!path.includes('/authenticationEventsFlows?$filter=')) return 400;
  return flows === 'refused'
    ? 403
    : { value: (flows[id] ?? []).map((displayName) => ({ id: displayName, displayName })) };
}
