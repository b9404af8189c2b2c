import { Router, urlencoded } from 'express';
import { endpointPaths } from '../entraDialect.ts';
import { describeSignInFault } from '../faults/Faults.ts';
import type { Tenant } from '../state/tenant.ts';
import { sendPage } from '../userFlows/pages.ts';

/**
 * Lets a person see a fault in one sign-in: `?fault=` on an authorization request arms it for that sign-in's code,
 * and an unknown name is refused at once.
 */
export function faultySignIns({ provider, faults, config }: Tenant): Router {
  provider.on('authorization.success', ({ oidc }, answer = {}) => {
    const name = oidc.params?.fault;
    if (typeof name === 'string' && typeof answer.code === 'string') faults.armFor(answer.code, name);
  });
  const router = Router();
  router.get(endpointPaths(config).authorize, async (request, response, next) => {
    const { fault } = request.query;
    if (fault === undefined || describeSignInFault(String(fault))) return next();
    const detail = `There is no sign-in fault named ${fault}. /dev/faults lists all faults.`;
    await sendPage(response, 'error', { title: 'No such fault', detail }, 400);
  });
  return router;
}

/**
 * Accepts authorization requests by POST, as OpenID Connect requires.
 * @see https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
 */
export function postedAuthorization({ config }: Pick<Tenant, 'config'>): Router {
  const router = Router();
  const path = endpointPaths(config).authorize;
  router.post(path, urlencoded({ extended: false, limit: '64kb' }), (request, _response, next) => {
    const form = new URLSearchParams();
    for (const [name, given] of Object.entries<unknown>(Object(request.body))) {
      for (const value of [given].flat()) form.append(name, String(value));
    }
    request.method = 'GET';
    request.url = `${path}?${form}`;
    request.originalUrl = request.url;
    next();
  });
  return router;
}
