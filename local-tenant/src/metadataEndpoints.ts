import { Router } from 'express';
import { discoveryDocument, endpointPaths } from './entraDialect.ts';
import type { FlawedAnswer } from './faults/badAnswers.ts';
import { discoveryFaults, type KeysFault, keysFaults } from './faults/metadataFaults.ts';
import { originOf } from './ownHosts.ts';
import type { Tenant } from './state/tenant.ts';

/** As Entra's answers have it. */
const cacheControl = 'max-age=86400, private';

export function metadataEndpoints(tenant: Tenant): Router {
  const { config, faults, keys } = tenant;
  const paths = endpointPaths(config);
  const router = Router();
  router.get(paths.metadata, async (request, response) => {
    const document = discoveryDocument({ ...config, baseUrl: originOf(config, request.headers.host) });
    const fault = faults.take<FlawedAnswer>(discoveryFaults);
    if (fault) await fault(response, document);
    else response.set('Cache-Control', cacheControl).json(document);
  });
  // The address that the fault discovery-keys-moved gives.
  const moved = `${paths.keys}/:elsewhere`;
  router.get([paths.keys, moved], async (_request, response) => {
    const fault = faults.take<KeysFault>(keysFaults);
    if (fault) await fault(response, await keys.published(), await keys.current());
    else response.set('Cache-Control', cacheControl).json(await keys.published());
  });
  return router;
}
