import { z } from 'zod';
import { tenantFields, tenantSettingsOf } from '../entra/authority.ts';
import {
  type Environment,
  guid,
  httpUrl,
  isLoopback,
  isProduction,
  parseSettings,
  productionFields,
} from '../runtime/settings.ts';

/** The headless app's settings in the environment; `.env.sample` explains each. */
export const headlessSettings = z.object({
  ...tenantFields,
  HEADLESS_CLIENT_ID: guid,
  TODO_API_URL: httpUrl
    .refine((url) => url.startsWith('https:') || isLoopback(url), 'must be https, because access tokens are sent to it')
    .default('http://localhost:3001'),
  TODO_API_CLIENT_ID: guid,
});

const { METADATA_URL, NODE_TLS_REJECT_UNAUTHORIZED } = productionFields;
const productionSettings = headlessSettings.extend({ METADATA_URL, NODE_TLS_REJECT_UNAUTHORIZED });

export type HeadlessConfig = ReturnType<typeof readHeadlessConfig>;

/** @throws {SettingsError} naming every problem at once */
export function readHeadlessConfig(environment: Environment) {
  const settings = parseSettings(isProduction(environment) ? productionSettings : headlessSettings, environment);
  return {
    tenant: tenantSettingsOf(settings),
    clientId: settings.HEADLESS_CLIENT_ID,
    todoApiUrl: settings.TODO_API_URL,
    todoApiClientId: settings.TODO_API_CLIENT_ID,
  };
}
