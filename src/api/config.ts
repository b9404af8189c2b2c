import { z } from 'zod';
import { type TenantSettings, tenantFields, tenantSettingsOf } from '../entra/authority.ts';
import type { LogFormat } from '../runtime/logger.ts';
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

export interface ApiConfig {
  readonly port: number;
  readonly tenant: TenantSettings;
  /** The API's own client id, which is the audience of its access tokens. */
  readonly clientId: string;
  /** The client ids of the apps that may call; without it, any app of the tenant that has the permissions. */
  readonly allowedClientIds: readonly string[] | undefined;
  /** Without it, to-dos live in this process and end with it. */
  readonly redisUrl: string | undefined;
  /** How many changes one caller may make. */
  readonly writesPerMinute: number;
  readonly logFormat: LogFormat;
}

const guidList = z
  .string()
  .transform((list) => list.split(',').map((id) => id.trim()))
  .pipe(z.array(guid));

/** The API's settings. */
export const apiSettings = z.object({
  PORT: port.default(3001),
  ...tenantFields,
  TODO_API_CLIENT_ID: guid,
  ALLOWED_CLIENT_IDS: guidList.optional(),
  REDIS_URL: redisUrl.optional(),
  WRITES_PER_MINUTE: wholeNumber(1, 1_000_000).default(120),
});

const productionSettings = apiSettings.extend(productionFields);

/** @throws {SettingsError} naming every problem */
export function readApiConfig(environment: Environment): ApiConfig {
  const settings = parseSettings(isProduction(environment) ? productionSettings : apiSettings, environment);
  return {
    port: settings.PORT,
    tenant: tenantSettingsOf(settings),
    clientId: settings.TODO_API_CLIENT_ID,
    allowedClientIds: settings.ALLOWED_CLIENT_IDS,
    redisUrl: settings.REDIS_URL,
    writesPerMinute: settings.WRITES_PER_MINUTE,
    logFormat: isProduction(environment) ? 'json' : 'text',
  };
}
