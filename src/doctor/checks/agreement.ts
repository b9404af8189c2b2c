import { type Finding, fail, ok } from '../finding.ts';
import type { Subject } from '../subject.ts';

/** What the programs' settings must say alike. */
export function checkAgreement({ web, api, headless }: Subject): Finding[] {
  if (!api) return [];
  const clients = [
    { setting: 'CLIENT_ID', id: web?.clientId },
    { setting: 'HEADLESS_CLIENT_ID', id: headless?.clientId },
  ];
  const callers = new Set([web?.todoApiClientId, headless?.todoApiClientId].filter((id) => id !== undefined));
  const isSameApi = [...callers].every((id) => id === api.clientId);
  const missing = clients.filter(({ id }) => id !== undefined && api.allowedClientIds?.includes(id) === false);
  return [
    isSameApi
      ? ok('API client id', 'API_CLIENT_ID and TODO_API_CLIENT_ID agree')
      : fail(
          'API client id',
          'TODO_API_CLIENT_ID is not API_CLIENT_ID: the API refuses every token',
          'set both to the Application (client) ID of the API',
        ),
    missing.length === 0
      ? ok('allowed clients', 'the API lets these apps call')
      : fail(
          'allowed clients',
          `ALLOWED_CLIENT_IDS lacks ${missing.map(({ setting }) => setting).join(' and ')}`,
          `add ${missing.map(({ id }) => id).join(',')} to it`,
        ),
  ];
}
