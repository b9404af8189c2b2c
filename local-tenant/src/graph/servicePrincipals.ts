import type { Router } from 'express';
import { servicePrincipalId } from '../entraDialect.ts';
import { guid } from '../runtime/settings.ts';
import type { Tenant } from '../state/tenant.ts';
import { needs } from './access.ts';
import { collection } from './collection.ts';
import { alreadyThere, noBackingApplication, notFound } from './GraphProblem.ts';
import { graphServicePrincipal } from './graphServicePrincipal.ts';
import { findObject, readBody, readChanges } from './requests.ts';
import { type ServicePrincipal, servicePrincipal, servicePrincipalBody } from './resources.ts';

/** The instances of applications in this tenant. @see https://learn.microsoft.com/graph/api/resources/serviceprincipal */
export function servicePrincipals(tenant: Tenant): Router {
  const { directory } = tenant;
  return collection<ServicePrincipal>(tenant, {
    name: 'servicePrincipals',
    path: '/servicePrincipals',
    needs: needs.applications,
    filterable: ['appId', 'displayName'],
    shown: (stored) => shownPrincipal(tenant, stored),
    list: () => [graphServicePrincipal, ...directory.visible('servicePrincipals')],
    find: ({ params }) => {
      if (params.key === graphServicePrincipal.id) return graphServicePrincipal;
      return findObject(tenant, 'servicePrincipals', params.key);
    },
    create: ({ body }) => create(tenant, body),
    change: (stored, { body }) => {
      if (stored === graphServicePrincipal) throw notFound(stored.id);
      directory.replace('servicePrincipals', { ...stored, ...readChanges(servicePrincipalBody, stored, body) });
    },
  });
}

/** The object id is derived from the app id: it is also the `oid` of the app's own tokens. */
function create({ directory }: Tenant, sent: unknown): ServicePrincipal {
  const body = readBody(servicePrincipalBody.extend({ appId: guid }), sent);
  const isTaken = directory.all('servicePrincipals').some(({ appId }) => appId === body.appId);
  if (isTaken) throw alreadyThere('servicePrincipalNames');
  const isBacked = directory.visible('applications').some(({ appId }) => appId === body.appId);
  if (!isBacked) throw noBackingApplication(body.appId);
  const created = servicePrincipal.parse({ ...body, id: servicePrincipalId(body.appId) });
  directory.remove('deletedServicePrincipals', created.id);
  directory.add('servicePrincipals', created);
  return created;
}

function shownPrincipal({ directory, config }: Tenant, stored: ServicePrincipal): Record<string, unknown> {
  if (stored === graphServicePrincipal) return graphServicePrincipal;
  const backing = directory.all('applications').find(({ appId }) => appId === stored.appId);
  return {
    ...stored,
    displayName: backing?.displayName ?? null,
    appDisplayName: backing?.displayName ?? null,
    appOwnerOrganizationId: config.tenantId,
    servicePrincipalType: 'Application',
    signInAudience: 'AzureADMyOrg',
    servicePrincipalNames: [stored.appId, ...(backing?.identifierUris ?? [])],
    replyUrls: backing?.web.redirectUris ?? [],
    logoutUrl: backing?.web.logoutUrl ?? null,
    appRoles: backing?.appRoles ?? [],
    oauth2PermissionScopes: backing?.api.oauth2PermissionScopes ?? [],
    keyCredentials: [],
    passwordCredentials: [],
  };
}
