import { z } from 'zod';
import { tenantFields, tenantSettingsOf } from '../entra/authority.ts';
import {
  azureVaultUrl,
  credentialFields,
  credentialSettingsOf,
  withCredential,
} from '../entra/credentials/createCredentialSource.ts';
import {
  type Environment,
  guid,
  httpUrl,
  isLoopback,
  isProduction,
  parseSettings,
  port,
  productionFields,
  redisUrl,
  wholeNumber,
} from '../runtime/settings.ts';

const newSecret = `node -e "console.log(crypto.randomBytes(32).toString('base64url'))"`;
/** The start of the secret that `npm run dev` uses. Production refuses it. */
const developmentSecret = 'local-development-only';

const sessionSecrets = z.string().transform((list, context) => {
  const secrets = list.split(',').map((secret) => secret.trim());
  if (secrets.some((secret) => secret.length < 32)) {
    context.addIssue({ code: 'custom', message: `must be 32 characters or more; make one with ${newSecret}` });
    return z.NEVER;
  }
  if (secrets.some(isGuessable)) {
    context.addIssue({ code: 'custom', message: `can be guessed; make one with ${newSecret}` });
    return z.NEVER;
  }
  return secrets;
});

/** Few different characters, one text again and again, or a text that stands in documents. */
function isGuessable(secret: string): boolean {
  return new Set(secret).size < 8 || /^(.+?)\1+$/.test(secret) || /randomBytes|change.?me|your.?secret/i.test(secret);
}

const origin = httpUrl.refine((url) => new URL(url).pathname === '/', 'must be the address alone, without a path');

/** The web app's settings in the environment. `.env.sample` explains each. */
export const webSettings = z.object({
  ...tenantFields,
  PORT: port.default(3000),
  BASE_URL: origin
    .refine((url) => url.startsWith('https:') || isLoopback(url), 'must be https; http is for localhost only')
    .optional(),
  CLIENT_ID: guid,
  ...credentialFields,
  SESSION_SECRET: sessionSecrets,
  REDIS_URL: redisUrl.optional(),
  SESSION_IDLE_MINUTES: wholeNumber(2, 24 * 60).default(60),
  SESSION_ABSOLUTE_HOURS: wholeNumber(1, 24 * 7).default(12),
  TRUST_PROXY: wholeNumber(0, 5).default(0),
  SIGN_INS_PER_MINUTE: wholeNumber(5, 1_000_000).default(60),
  TOKEN_CALLS_PER_SECOND: wholeNumber(1, 10_000).default(15),
  TODO_API_URL: httpUrl.default('http://localhost:3001'),
  TODO_API_CLIENT_ID: guid,
});

const productionSettings = webSettings.extend({
  ...productionFields,
  KEY_VAULT_URL: azureVaultUrl.optional(),
  BASE_URL: origin.refine((url) => url.startsWith('https:'), 'must be the https address of the app in production'),
  SESSION_SECRET: sessionSecrets.refine(
    (secrets) => !secrets.some((secret) => secret.startsWith(developmentSecret)),
    `is the one of npm run dev; make one with ${newSecret}`,
  ),
  TODO_API_URL: httpUrl
    .refine(
      (url) => url.startsWith('https:') || isLoopback(url),
      'must be https in production: access tokens travel to it',
    )
    .default('http://localhost:3001'),
});

export type WebConfig = ReturnType<typeof readWebConfig>;

/** @throws {SettingsError} naming every problem at once */
export function readWebConfig(environment: Environment) {
  const schema = withCredential(isProduction(environment) ? productionSettings : webSettings);
  const settings = parseSettings(schema, withAppServiceDefaults(environment));
  const baseUrl = settings.BASE_URL ?? `http://localhost:${settings.PORT}`;
  return {
    port: settings.PORT,
    /** The app's public origin, without a trailing slash. */
    baseUrl,
    isHttps: baseUrl.startsWith('https:'),
    isProduction: isProduction(environment),
    tenant: tenantSettingsOf(settings),
    clientId: settings.CLIENT_ID,
    credential: credentialSettingsOf(settings),
    sessionSecrets: settings.SESSION_SECRET,
    sessionLifetime: {
      idleMs: settings.SESSION_IDLE_MINUTES * 60_000,
      absoluteMs: settings.SESSION_ABSOLUTE_HOURS * 3_600_000,
    },
    redisUrl: settings.REDIS_URL,
    /** Number of proxies in front of the app whose `X-Forwarded-*` headers are trusted. */
    trustedProxies: settings.TRUST_PROXY,
    /** Sign-ins started from one client address, and sign-ins coming back to it. */
    signInsPerMinute: settings.SIGN_INS_PER_MINUTE,
    /** Calls of this process to the tenant's token endpoint. */
    tokenCallsPerSecond: settings.TOKEN_CALLS_PER_SECOND,
    todoApiUrl: settings.TODO_API_URL,
    todoApiClientId: settings.TODO_API_CLIENT_ID,
  };
}

/** App Service sets the host name of the app in `WEBSITE_HOSTNAME`. */
function withAppServiceDefaults(environment: Environment): Environment {
  const host = environment.WEBSITE_HOSTNAME?.trim();
  return host && !environment.BASE_URL?.trim() ? { ...environment, BASE_URL: `https://${host}` } : environment;
}
