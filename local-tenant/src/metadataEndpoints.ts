import { Router } from 'express';
import { discoveryDocument, endpointPaths } from './entraDialect.ts';
import type { FlawedAnswer } from './faults/badAnswers.ts';
import { discoveryFaults, type KeysFault, keysFaults } from './faults/metadataFaults.ts';
import type { Tenant } from './state/tenant.ts';

export function metadataEndpoints(tenant: Tenant): Router {
  const { config, faults, keys } = tenant;
  const paths = endpointPaths(config);
  const router = Router();
  router.get(paths.metadata, async (_request, response) => {
    const document = discoveryDocument(config);
    const fault = faults.take<FlawedAnswer>(discoveryFaults);
    if (fault) await fault(response, document);
    else response.json(document);
  });
  // The address that the fault discovery-keys-moved gives.
  const moved = `${paths.keys}/:elsewhere`;
  router.get([paths.keys, moved], async (_request, response) => {
    const fault = faults.take<KeysFault>(keysFaults);
    if (fault) await fault(response, await keys.published(), await keys.current());
    else response.json(await keys.published());
  });
  return router;
}
