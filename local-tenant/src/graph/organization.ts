import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import { builtInAttributes } from '../registrations/customerSchema.ts';
import type { Tenant } from '../state/tenant.ts';
import { needs } from './access.ts';
import { collection } from './collection.ts';
import { identityProviders } from './flowSchema.ts';
import { alreadyThere } from './GraphProblem.ts';
import { readBody } from './requests.ts';
import { flowAttribute, type Resource } from './resources.ts';

export function organization(tenant: Tenant): Router {
  const organizations = collection(tenant, {
    name: 'organization',
    path: '/organization',
    needs: needs.organization,
    list: () => [shownOrganization(tenant)],
  });
  const providers = collection(tenant, {
    name: 'identityProviders',
    path: '/identity/identityProviders',
    needs: { read: needs.flows.read },
    list: () =>
      Object.entries(identityProviders).map(([id, provider]) => ({
        '@odata.type': '#microsoft.graph.builtInIdentityProvider',
        id,
        ...provider,
      })),
  });
  return Router().use(organizations).use(providers).use(userFlowAttributes(tenant));
}

/** @see https://learn.microsoft.com/graph/api/organization-get */
function shownOrganization({ config, registrations }: Tenant) {
  const name = `${config.subdomain}.onmicrosoft.com`;
  return {
    id: config.tenantId,
    displayName: registrations.displayName,
    tenantType: 'CIAM',
    verifiedDomains: [
      { name, type: 'Managed', capabilities: 'Email, OfficeCommunicationsOnline', isDefault: true, isInitial: true },
    ],
  };
}

const builtIn = Object.entries({ email: 'Email Address', ...builtInAttributes }).map(([id, displayName]) => ({
  id,
  displayName,
  description: displayName,
  dataType: 'string',
  userFlowAttributeType: 'builtIn',
}));

const attributeBody = flowAttribute
  .omit({ id: true })
  .extend({ displayName: z.string().regex(/^\w{1,64}$/) })
  .strict();

/** @see https://learn.microsoft.com/graph/api/identityuserflowattribute-post */
function userFlowAttributes(tenant: Tenant): Router {
  const { directory } = tenant;
  const custom = (attribute: Resource<'flowAttributes'>) => ({ ...attribute, userFlowAttributeType: 'custom' });
  return collection<object>(tenant, {
    name: 'identity/userFlowAttributes',
    path: '/identity/userFlowAttributes',
    needs: needs.flowAttributes,
    filterable: ['displayName'],
    list: () => [...builtIn, ...directory.visible('flowAttributes').map(custom)],
    create: (request) => {
      const body = readBody(attributeBody, request.body);
      const isTaken = directory.all('flowAttributes').some(({ displayName }) => displayName === body.displayName);
      if (isTaken) throw alreadyThere('displayName');
      // Entra puts the id of its extensions app in the middle, without hyphens.
      const created = { ...body, id: `extension_${randomUUID().replaceAll('-', '')}_${body.displayName}` };
      directory.add('flowAttributes', created);
      return custom(created);
    },
  });
}
