import { graphAppId, signInPermissions } from './graphSchemas.ts';
import { type AppName, type Manifest, markerOf } from './manifest.ts';

/** An application in the form of Graph's requests. */
export type WantedApplication = Readonly<Record<string, unknown>>;

/**
 * The application that the manifest describes.
 * @param apiAppId the client ID of the API; ignored for the API itself
 * @see https://learn.microsoft.com/graph/api/resources/application
 */
export function wantedApplication(manifest: Manifest, app: AppName, apiAppId: string): WantedApplication {
  const parts = { api: apiParts, web: webParts, headless: headlessParts }[app](manifest);
  return {
    displayName: manifest[app].displayName,
    // An external tenant supports apps of its own only. https://learn.microsoft.com/entra/external-id/customers/concept-supported-features-customers
    signInAudience: 'AzureADMyOrg',
    tags: [markerOf(manifest)],
    ...(app !== 'api' && { requiredResourceAccess: requiredAccess(manifest, apiAppId) }),
    ...parts,
  };
}

function apiParts({ api: { scopes, appRoles, accessTokenClaims } }: Manifest): WantedApplication {
  return {
    api: {
      requestedAccessTokenVersion: 2,
      oauth2PermissionScopes: scopes.map(({ id, value, displayName, description }) => ({
        id,
        value,
        type: 'Admin',
        isEnabled: true,
        adminConsentDisplayName: displayName,
        adminConsentDescription: description,
      })),
    },
    appRoles: appRoles.map((role) => ({ ...role, allowedMemberTypes: ['Application'], isEnabled: true })),
    optionalClaims: { accessToken: accessTokenClaims.map((name) => ({ name })) },
  };
}

function webParts({ web: { redirectUris, logoutUrl, idTokenClaims } }: Manifest): WantedApplication {
  return {
    web: { redirectUris, ...(logoutUrl !== undefined && { logoutUrl }) },
    optionalClaims: { idToken: idTokenClaims.map((name) => ({ name })) },
  };
}

function headlessParts({ headless: { redirectUris } }: Manifest): WantedApplication {
  return { isFallbackPublicClient: true, publicClient: { redirectUris } };
}

function requiredAccess(manifest: Manifest, apiAppId: string) {
  const asScopes = (permissions: readonly { readonly id: string }[]) =>
    permissions.map(({ id }) => ({ id, type: 'Scope' }));
  return [
    { resourceAppId: graphAppId, resourceAccess: asScopes(signInPermissions) },
    { resourceAppId: apiAppId, resourceAccess: asScopes(manifest.api.scopes) },
  ];
}

/** Clients that get the API's scopes without a consent prompt. */
export function wantedPreAuthorization(manifest: Manifest, clientIds: readonly string[]): WantedApplication {
  const delegatedPermissionIds = manifest.api.scopes.map(({ id }) => id);
  return { api: { preAuthorizedApplications: clientIds.map((appId) => ({ appId, delegatedPermissionIds })) } };
}

/** Readable names of the ids in these requests. */
export function namesById(manifest: Manifest, apiAppId: string): ReadonlyMap<string, string> {
  return new Map([
    ...[...signInPermissions, ...manifest.api.scopes].map(({ id, value }) => [id, value] as const),
    [graphAppId, 'Microsoft Graph'],
    [apiAppId, manifest.api.displayName],
  ]);
}
