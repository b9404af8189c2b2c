import { z } from 'zod';
import { tenantFields, tenantSettingsOf } from '../entra/authority.ts';
import {
  type Environment,
  guid,
  isProduction,
  parseSettings,
  port,
  productionFields,
  redisUrl,
  wholeNumber,
} from '../runtime/settings.ts';

const guidList = z
  .string()
  .transform((list) => list.split(',').map((id) => id.trim()))
  .pipe(z.array(guid));

/** The API's settings; `.env.sample` explains each. */
export const apiSettings = z.object({
  PORT: port.default(3001),
  ...tenantFields,
  TODO_API_CLIENT_ID: guid,
  ALLOWED_CLIENT_IDS: guidList.optional(),
  REDIS_URL: redisUrl.optional(),
  WRITES_PER_MINUTE: wholeNumber(1, 1_000_000).default(120),
});

const productionSettings = apiSettings.extend(productionFields);

const renamedFields = { API_CLIENT_ID: z.never('was renamed: call it TODO_API_CLIENT_ID').optional() };

export type ApiConfig = ReturnType<typeof readApiConfig>;

/** @throws {SettingsError} naming every problem */
export function readApiConfig(environment: Environment) {
  const schema = isProduction(environment) ? productionSettings : apiSettings;
  const settings = parseSettings(environment.TODO_API_CLIENT_ID ? schema : schema.extend(renamedFields), environment);
  return {
    port: settings.PORT,
    tenant: tenantSettingsOf(settings),
    clientId: settings.TODO_API_CLIENT_ID,
    allowedClientIds: settings.ALLOWED_CLIENT_IDS,
    redisUrl: settings.REDIS_URL,
    writesPerMinute: settings.WRITES_PER_MINUTE,
  };
}
