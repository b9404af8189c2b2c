import type { Request } from 'express';
import { AadstsError } from '../AadstsError.ts';
import { endpointPaths } from '../entraDialect.ts';
import { originOf } from '../ownHosts.ts';
import type { AppRegistration } from '../registrations/document.ts';
import type { Registrations } from '../registrations/Registrations.ts';
import type { Platform } from '../registrations/redirectUri.ts';
import { secretEqual } from '../runtime/secretEqual.ts';
import type { Tenant } from '../state/tenant.ts';
import { checkAssertion } from './clientAssertion.ts';
import { checkOrigin, findPlatform } from './clientPlatform.ts';

export type Form = Readonly<Record<string, string>>;

export interface AuthenticatedClient {
  readonly app: AppRegistration;
  readonly platform: Platform;
  /** How it authenticated, as in access tokens: not at all, with a secret, with an assertion. */
  readonly azpacr: '0' | '1' | '2';
}

/** @throws {AadstsError} 900144 if the parameter is missing or empty. */
export function required(form: Form, name: string): string {
  const value = form[name];
  if (!value) throw new AadstsError(900144, name);
  return value;
}

/** @throws {AadstsError} 700038, 700016 or 7000112. */
export function findEnabledApp(registrations: Registrations, clientId: string): AppRegistration {
  if (/^[0-]+$/.test(clientId)) throw new AadstsError(700038, clientId);
  const app = registrations.findClient(clientId);
  if (!app) throw new AadstsError(700016, clientId);
  if (!app.isEnabled) throw new AadstsError(7000112, nameOf(app));
  return app;
}

export function nameOf({ clientId, displayName }: AppRegistration): string {
  return `'${clientId}'(${displayName})`;
}

/**
 * Authenticates the app: single-page and public ones without a credential, others by a secret in the body or a Basic
 * header, or by an assertion.
 * @throws {AadstsError} when it is unknown or disabled, or its credential is not valid.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redeem-a-code-for-an-access-token
 */
export async function authenticateClient(
  tenant: Tenant,
  { headers }: Request,
  form: Form,
): Promise<AuthenticatedClient> {
  const basic = readBasicCredentials(headers.authorization);
  const app = findEnabledApp(tenant.registrations, basic?.clientId ?? required(form, 'client_id'));
  const secret = basic?.secret || form.client_secret;
  const assertion = form.client_assertion;
  const platform = await findPlatform(tenant, app, form);
  checkOrigin(platform, headers.origin);
  if (platform !== 'web') {
    if (secret || assertion) throw new AadstsError(700025);
    return { app, platform, azpacr: '0' };
  }
  if (assertion) {
    const audience = originOf(tenant.config, headers.host) + endpointPaths(tenant.config).token;
    await checkAssertion(app, assertion, { type: required(form, 'client_assertion_type'), audience });
    return { app, platform, azpacr: '2' };
  }
  if (!secret) throw new AadstsError(7000218);
  checkSecret(app, secret, tenant.clock.now());
  return { app, platform, azpacr: '1' };
}

function checkSecret({ clientId, secrets }: AppRegistration, given: string, now: Date): void {
  const matching = secrets.filter(({ value }) => secretEqual(given, value));
  if (matching.length === 0) throw new AadstsError(7000215, clientId);
  const isGood = matching.some(({ expiresAt }) => expiresAt === undefined || new Date(expiresAt) > now);
  if (!isGood) throw new AadstsError(7000222, clientId);
}

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 */
function readBasicCredentials(authorization = ''): { clientId: string; secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  if (!encoded) return undefined;
  const [clientId = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  try {
    return { clientId: decodeURIComponent(clientId), secret: decodeURIComponent(rest.join(':')) };
  } catch {
    throw new AadstsError(9002313);
  }
}
