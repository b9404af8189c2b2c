import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok } from '../finding.ts';

/** Whether the API accepts the apps that are set up here. */
export function checkAllowedClients({ web, api, headless }: CheckContext): Finding[] {
  if (!api) return [];
  const name = 'allowed clients';
  const clients = [
    { setting: 'CLIENT_ID', id: web?.clientId },
    { setting: 'HEADLESS_CLIENT_ID', id: headless?.clientId },
  ];
  const missing = clients.filter(({ id }) => id !== undefined && api.allowedClientIds?.includes(id) === false);
  if (missing.length === 0) return [ok(name, 'the API accepts these apps')];
  const cause = `ALLOWED_CLIENT_IDS lacks ${missing.map(({ setting }) => setting).join(' and ')}`;
  return [fail(name, cause, `add ${missing.map(({ id }) => id).join(',')} to it`)];
}
