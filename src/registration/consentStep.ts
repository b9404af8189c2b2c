import type { GraphClient } from './GraphClient.ts';
import { type Grant, signInPermissions } from './graphSchemas.ts';
import { type Manifest, uniqueNameOf } from './manifest.ts';
import { present, readApp, readGraphId } from './read.ts';
import { needs, type Step, type StepContext } from './step.ts';

interface Consent {
  readonly resourceId: string | undefined;
  readonly scopes: readonly string[];
}

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
      const consents = wantedConsents(manifest, state.graphId, state.api?.servicePrincipal?.id);
      const missing = consents.flatMap((consent) => missingScopes(consent, grants));
      const title = `admin consent for "${manifest[app].displayName}"`;
      if (missing.length === 0) return { kind: 'leave', what: title };
      return { kind: grants.length > 0 ? 'change' : 'create', what: `${title}: ${missing.join(', ')}` };
    },
    run: (context) => giveConsent(context, app),
  };
}

function wantedConsents(manifest: Manifest, graphId: string, apiId: string | undefined): Consent[] {
  return [
    { resourceId: graphId, scopes: signInPermissions.map(({ value }) => value) },
    { resourceId: apiId, scopes: manifest.api.scopes.map(({ value }) => value) },
  ];
}

function missingScopes({ resourceId, scopes }: Consent, grants: readonly Grant[]): string[] {
  const given = scopesOf(grants.find((grant) => grant.resourceId === resourceId));
  return scopes.filter((scope) => !given.includes(scope));
}

function scopesOf(grant: Grant | undefined): string[] {
  return grant?.scope?.split(' ').filter(Boolean) ?? [];
}

async function giveConsent({ graph, manifest }: StepContext, app: 'web' | 'headless'): Promise<void> {
  const client = present(await readApp(graph, uniqueNameOf(manifest, app)), 'the app');
  const api = present(await readApp(graph, uniqueNameOf(manifest, 'api')), 'the API');
  const apiId = present(api.servicePrincipal, "the API's service principal").id;
  const clientId = present(client.servicePrincipal, "the app's service principal").id;
  for (const consent of wantedConsents(manifest, await readGraphId(graph), apiId)) {
    await grantMissing(graph, clientId, consent, client.grants);
  }
}

/** Graph keeps one grant per client and resource, so an existing one is extended. */
async function grantMissing(graph: GraphClient, clientId: string, consent: Consent, grants: readonly Grant[]) {
  const missing = missingScopes(consent, grants);
  if (missing.length === 0) return;
  const { resourceId } = consent;
  const given = grants.find((grant) => grant.resourceId === resourceId);
  const scope = [...scopesOf(given), ...missing].join(' ');
  await (given
    ? graph.patch(`/oauth2PermissionGrants/${given.id}`, { scope })
    : graph.post('/oauth2PermissionGrants', { clientId, consentType: 'AllPrincipals', resourceId, scope }));
}
