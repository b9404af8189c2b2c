import { createHash } from 'node:crypto';
import { AadstsError } from '../AadstsError.ts';
import { words } from '../entraDialect.ts';
import type { Registrations } from '../registrations/Registrations.ts';
import { allRedirectUris, platformOf } from '../registrations/redirectUri.ts';
import { findEnabledApp } from '../token/clientAuthentication.ts';
import { addressOf } from './authorizationAnswer.ts';
import { checkScopes } from './scopes.ts';
import { requestedContexts } from './stepUp.ts';

type Asker = ReturnType<typeof findAsker>;

/** The parameters that external tenants use. Others do not reach oidc-provider. */
const heeded = [
  'response_mode',
  'state',
  'nonce',
  'login_hint',
  'max_age',
  'ui_locales',
  'mkt',
  'domain_hint',
  'client_info',
  'client-request-id',
  'fault',
];

/**
 * Finds the app and where its answer goes; without a `redirect_uri`, that is the first registered one.
 * @throws {AadstsError} for errors that are shown to the customer, because the error cannot be sent to an app.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
 */
export function findAsker(registrations: Registrations, asked: URLSearchParams) {
  const isDoubled = [...asked.keys()].some((name) => asked.getAll(name).length > 1);
  if (isDoubled) throw new AadstsError(9002313);
  const clientId = asked.get('client_id');
  if (!clientId) throw new AadstsError(900144, 'client_id');
  const app = findEnabledApp(registrations, clientId);
  const redirectUri = asked.get('redirect_uri') ?? allRedirectUris(app)[0];
  if (redirectUri === undefined) throw new AadstsError(900971);
  if (!registrations.isRedirectUriOf(clientId, redirectUri)) throw new AadstsError(50011, redirectUri);
  if (!asked.get('response_type')) throw new AadstsError(900144, 'response_type');
  return { app, address: addressOf({ ...Object.fromEntries(asked), redirect_uri: redirectUri }) };
}

/** Checks the rest of the request. @returns the request for oidc-provider */
export function checkRequest(registrations: Registrations, asked: URLSearchParams, asker: Asker): URLSearchParams {
  const responseType = asked.get('response_type') ?? '';
  if (words(responseType).includes('token')) throw new AadstsError(700051);
  if (responseType !== 'code') throw new AadstsError(700054, responseType);
  if (asked.has('resource')) throw new AadstsError(901002);
  const claims = asked.get('claims');
  if (claims && !isJsonObject(claims)) throw new AadstsError(9002313);
  checkScopes(asked.get('scope') ?? '', registrations, asker.app);
  const isOfScript = platformOf(asker.app, asker.address.redirectUri) === 'spa';
  if (isOfScript && !asked.has('code_challenge')) throw new AadstsError(9002325);
  const request = new URLSearchParams({
    client_id: asker.app.clientId,
    redirect_uri: asker.address.redirectUri,
    response_type: 'code',
    scope: 'openid',
    entra_scope: asked.get('scope') ?? '',
    ...challengeOf(asked),
  });
  for (const name of heeded) {
    const value = asked.get(name);
    if (value) request.set(name, value);
  }
  const contexts = requestedContexts(claims);
  if (contexts.length > 0) request.set('entra_acrs', contexts.join(' '));
  // Only administrators consent, so there is nothing to ask the customer.
  const prompt = words(asked.get('prompt')).filter((value) => value !== 'consent');
  if (prompt.length > 0) request.set('prompt', prompt.join(' '));
  return request;
}

/**
 * The challenge for oidc-provider, which accepts S256 only. A plain challenge is the verifier itself, so hash it here.
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.2
 */
function challengeOf(asked: URLSearchParams): Record<string, string> {
  const challenge = asked.get('code_challenge');
  const method = asked.get('code_challenge_method') ?? 'plain';
  if (challenge === null) return {};
  if (method !== 'plain' && method !== 'S256') throw new AadstsError(50149);
  if (challenge.length < 43 || challenge.length > 128) throw new AadstsError(501491);
  const hashed = method === 'S256' ? challenge : createHash('sha256').update(challenge).digest('base64url');
  return { code_challenge: hashed, code_challenge_method: 'S256' };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
