import { Router } from 'express';
import { discoveryDocument, endpointPaths } from './entraDialect.ts';
import { discoveryFaults, type KeysFault, keysFaults, type MetadataFault } from './faults/metadataFaults.ts';
import type { Tenant } from './state/tenant.ts';

/** The metadata document and the signing keys. */
export function metadataEndpoints(tenant: Tenant): Router {
  const { config, faults, keys } = tenant;
  const paths = endpointPaths(config);
  const router = Router();
  router.get(paths.metadata, async (_request, response) => {
    const document = discoveryDocument(config);
    const fault = faults.take<MetadataFault>(discoveryFaults);
    if (fault) await fault(response, document);
    else response.json(document);
  });
  // Where the fault discovery-keys-moved says that they are.
  const moved = `${paths.keys}/:elsewhere`;
  router.get([paths.keys, moved], async (_request, response) => {
    const fault = faults.take<KeysFault>(keysFaults);
    if (fault) await fault(response, await keys.published(), await keys.current());
    else response.json(await keys.published());
  });
  return router;
}
