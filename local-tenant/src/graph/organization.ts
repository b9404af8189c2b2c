import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import { needs } from './access.ts';
import { type Graph, permitted, readBody } from './exchange.ts';
import { identityProviders } from './flowSchema.ts';
import { alreadyThere } from './GraphProblem.ts';
import { listAnswer, objectAnswer } from './query.ts';
import { flowAttribute } from './resources.ts';

/** The tenant itself, and what its user flows can offer and ask. */
export function organization(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  router.get(
    '/organization',
    permitted(graph, needs.readOrganization, (request, response) => {
      const options = { name: 'organization', filterable: [] };
      response.json(listAnswer(directory, request, graph.url, [shownOrganization(graph)], options));
    }),
  );
  router.get(
    '/identity/identityProviders',
    permitted(graph, needs.readFlows, (request, response) => {
      const shown = Object.entries(identityProviders).map(([id, provider]) => ({
        '@odata.type': '#microsoft.graph.builtInIdentityProvider',
        id,
        ...provider,
      }));
      response.json(listAnswer(directory, request, graph.url, shown, { name: 'identityProviders', filterable: [] }));
    }),
  );
  router.use(userFlowAttributes(graph));
  return router;
}

/** @see https://learn.microsoft.com/graph/api/organization-get */
function shownOrganization({ tenant: { config, registrations } }: Graph) {
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

const builtIn = {
  email: 'Email Address',
  displayName: 'Display Name',
  givenName: 'Given Name',
  surname: 'Surname',
  city: 'City',
  country: 'Country/Region',
  jobTitle: 'Job Title',
  postalCode: 'Postal Code',
  state: 'State/Province',
  streetAddress: 'Street Address',
};

const attributeBody = flowAttribute
  .omit({ id: true })
  .extend({ displayName: z.string().regex(/^\w{1,64}$/) })
  .strict();

/** @see https://learn.microsoft.com/graph/api/identityuserflowattribute-post */
function userFlowAttributes(graph: Graph): Router {
  const { directory } = graph.tenant;
  const router = Router();
  const name = 'identity/userFlowAttributes';
  const shown = (attribute: z.output<typeof flowAttribute>, userFlowAttributeType = 'custom') => ({
    ...attribute,
    userFlowAttributeType,
  });
  router.get(
    '/identity/userFlowAttributes',
    permitted(graph, needs.flowAttributes, (request, response) => {
      const known = Object.entries(builtIn).map(([id, displayName]) =>
        shown({ id, displayName, description: displayName, dataType: 'string' }, 'builtIn'),
      );
      const list = [...known, ...directory.visible('flowAttributes').map((attribute) => shown(attribute))];
      response.json(listAnswer(directory, request, graph.url, list, { name, filterable: ['displayName'] }));
    }),
  );
  router.post(
    '/identity/userFlowAttributes',
    permitted(graph, needs.flowAttributes, (request, response) => {
      const body = readBody(attributeBody, request.body);
      const isThere = directory.all('flowAttributes').some(({ displayName }) => displayName === body.displayName);
      if (isThere) throw alreadyThere('displayName');
      // Entra puts the id of its app for extensions in the middle, without hyphens.
      const created = { ...body, id: `extension_${randomUUID().replaceAll('-', '')}_${body.displayName}` };
      directory.add('flowAttributes', created);
      response.status(201).json(objectAnswer(request, graph.url, name, shown(created)));
    }),
  );
  return router;
}
