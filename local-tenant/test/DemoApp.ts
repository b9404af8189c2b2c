import { createHash, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { RunningTenant } from '../../test/support/startTenant.ts';
import { todoApi, webApp } from '../src/seed/apps.ts';

export const redirectUri = 'http://localhost:3000/auth/redirect';
export const readScope = `${todoApi.identifierUri}/ToDoList.Read`;
export const verifier = 'a-verifier-of-at-least-forty-three-characters-and-more';

/** The answer of the token endpoint. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The web app, as the tenant sees it: builds authorization requests and calls the token endpoint. */
export class DemoApp {
  readonly #tenant: Pick<RunningTenant, 'origin' | 'tenantId'>;

  constructor(tenant: Pick<RunningTenant, 'origin' | 'tenantId'>) {
    this.#tenant = tenant;
  }

  /** @param changes parameters to set; undefined leaves one out */
  authorizeUrl(changes: Readonly<Record<string, string | undefined>> = {}): URL {
    const url = new URL(`${this.#tenant.origin}/${this.#tenant.tenantId}/oauth2/v2.0/authorize`);
    const parameters = {
      client_id: webApp.clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: `openid profile offline_access ${readScope}`,
      state: 'the-state',
      nonce: 'the-nonce',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    };
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
    return url;
  }

  /** Exchanges the code of an answer for tokens. */
  redeem(answer: URL, changes: Readonly<Record<string, string | undefined>> = {}): Promise<TokenAnswer> {
    return this.askTokens({
      grant_type: 'authorization_code',
      code: answer.searchParams.get('code') ?? 'no code',
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...changes,
    });
  }

  /** Calls the token endpoint with the web app's credentials, unless others are given. */
  async askTokens(changes: Readonly<Record<string, string | undefined>>, headers = {}): Promise<TokenAnswer> {
    const form = { client_id: webApp.clientId, client_secret: webApp.secret, ...changes };
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) if (value !== undefined) body.set(name, value);
    const url = `${this.#tenant.origin}/${this.#tenant.tenantId}/oauth2/v2.0/token?client-request-id=${randomUUID()}`;
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } };
  }
}

/** The claims of a token in an answer. */
export function claimsOf({ body }: TokenAnswer, token: 'id_token' | 'access_token'): Record<string, unknown> {
  return decodeJwt(String(body[token]));
}
