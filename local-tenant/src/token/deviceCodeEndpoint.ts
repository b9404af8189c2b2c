import { Router, urlencoded } from 'express';
import { parseScopes } from '../authorize/scopes.ts';
import { devicePaths, endpointPaths } from '../entraDialect.ts';
import type { FlawedAnswer } from '../faults/badAnswers.ts';
import { deviceCodeFaults } from '../faults/deviceFaults.ts';
import type { Tenant } from '../state/tenant.ts';
import { findEnabledApp, required } from './clientAuthentication.ts';
import { deviceCodeLifetimeSeconds } from './DeviceCodes.ts';
import { answerError, readForm } from './tokenEndpoint.ts';

/**
 * Where a device without a browser starts. Entra gives external tenants the address of a page where customers cannot
 * sign in, so apps must show the tenant's own page; the document can switch this imitation off. Confidential apps need a
 * credential only when they poll.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#device-authorization-response
 */
export function deviceCodeEndpoint(tenant: Tenant): Router {
  const { registrations, deviceCodes, config, faults } = tenant;
  const router = Router();
  const path = endpointPaths(config).deviceCode;
  const local = `${config.baseUrl}${devicePaths(config).page}`;
  const page = registrations.deviceVerificationUri === 'local' ? local : 'https://microsoft.com/devicelogin';
  router.post(path, urlencoded({ extended: false, limit: '64kb' }), (request, response) => {
    const form = readForm(request);
    const app = findEnabledApp(registrations, required(form, 'client_id'));
    const scope = required(form, 'scope');
    parseScopes(scope, registrations, app);
    const { userCode, deviceCode } = deviceCodes.issue(app.clientId, scope);
    tenant.log.info('Device requests a sign-in', { app: app.displayName, code: userCode });
    const flaw = faults.take<FlawedAnswer>(deviceCodeFaults);
    const answer = {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: page,
      expires_in: deviceCodeLifetimeSeconds,
      interval: 5,
      message: `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`,
    };
    response.set({ 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' });
    if (flaw) flaw(response, answer);
    else response.json(answer);
  });
  router.use(path, answerError(tenant));
  return router;
}
