import { type Grant, signInPermissions } from './graphSchemas.ts';
import { present, type TenantState } from './read.ts';
import { type ActContext, needs, type Step } from './step.ts';

/**
 * Consent for all customers. In an external tenant, only an administrator can give it.
 * @see https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
 */
export function consentStep(app: 'web' | 'headless'): Step {
  return {
    id: `${app}-consent`,
    needs: needs.consent,
    judge: (manifest, state) => {
      const grants = state[app]?.grants ?? [];
      const consents = [
        consentOf(state.graphId, signInPermissions, grants),
        consentOf(state.api?.servicePrincipal?.id, manifest.api.scopes, grants),
      ];
      const missing = consents.flatMap((consent) => consent.missing);
      const title = `admin consent for "${manifest[app].displayName}"`;
      if (missing.length === 0) return { kind: 'leave', what: title };
      return {
        kind: grants.length > 0 ? 'change' : 'create',
        what: `${title}: ${missing.join(', ')}`,
        act: (context) => giveConsent(context, state, app, consents),
      };
    },
  };
}

/** @param resourceId the service principal of the API that the permissions belong to */
function consentOf(
  resourceId: string | undefined,
  permissions: readonly { readonly value: string }[],
  grants: readonly Grant[],
) {
  const grant = grants.find((each) => each.resourceId === resourceId);
  const given = grant?.scope?.split(' ').filter(Boolean) ?? [];
  const missing = permissions.map(({ value }) => value).filter((scope) => !given.includes(scope));
  return { resourceId, grant, missing, scope: [...given, ...missing].join(' ') };
}

/** Graph keeps one grant per client and resource, so an existing one is extended. */
async function giveConsent(
  { graph }: ActContext,
  state: TenantState,
  app: 'web' | 'headless',
  consents: readonly ReturnType<typeof consentOf>[],
): Promise<void> {
  const clientId = present(state[app]?.servicePrincipal, "the app's service principal").id;
  present(state.api?.servicePrincipal, "the API's service principal");
  for (const { resourceId, grant, scope } of consents.filter(({ missing }) => missing.length > 0)) {
    await (grant
      ? graph.patch(`/oauth2PermissionGrants/${grant.id}`, { scope })
      : graph.post('/oauth2PermissionGrants', { clientId, consentType: 'AllPrincipals', resourceId, scope }));
  }
}
