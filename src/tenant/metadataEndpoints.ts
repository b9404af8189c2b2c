import { Router } from 'express';
import { AadstsError, errorBody, traceRequest } from './aadsts.ts';
import { discoveryDocument, discoveryPaths, endpointPaths } from './entraDialect.ts';
import { discoveryFaults, type KeysFault, keysFaults, type MetadataFault } from './faults/metadata.ts';
import type { Tenant } from './tenant.ts';

/** The metadata document, in both of its places, and the signing keys. */
export function metadataEndpoints(tenant: Tenant): Router {
  const { config, faults, keys, clock } = tenant;
  const router = Router();
  router.get(discoveryPaths(config), async (_request, response) => {
    const document = discoveryDocument(config);
    const fault = faults.take<MetadataFault>(discoveryFaults);
    if (fault) await fault(response, document);
    else response.json(document);
  });
  router.get(endpointPaths(config).keys, async (_request, response) => {
    const fault = faults.take<KeysFault>(keysFaults);
    if (fault) await fault(response, await keys.published(), await keys.current());
    else response.json(await keys.published());
  });
  router.get('/:tenant/v2.0/.well-known/openid-configuration', (request, response) => {
    const error = new AadstsError(90002, request.params.tenant);
    const trace = traceRequest(request.query['client-request-id'], clock.now());
    response.status(400).json({ ...errorBody(error, trace, config.baseUrl), error: 'invalid_tenant' });
  });
  return router;
}
