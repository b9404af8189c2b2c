import fc, { type Arbitrary } from 'fast-check';
import { expect } from 'vitest';
import { accessTokenVerifier, type VerifyAccessToken } from '../../src/api/accessToken.ts';
import { Problem } from '../../src/api/errors.ts';
import { fetchMetadata } from '../../src/entra/MetadataSource.ts';
import { TenantKeys } from '../../src/entra/TenantKeys.ts';
import { createHttpClient } from '../../src/runtime/httpClient.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { type SigningTenant, startSigningTenant } from '../support/signingTenant.ts';
import { claimsOf, clientId } from './apiHarness.ts';

/** The check of access tokens without the API around it, which would be asked too slowly for what properties need. */
export interface Verifier {
  readonly tenant: SigningTenant;
  readonly verify: VerifyAccessToken;
  /** A good access token, but for the changes. */
  token(changes?: Record<string, unknown>, header?: Record<string, unknown>): string;
  /** Expects a refusal in the words of RFC 6750, by the error that is answered so, and by none that is unforeseen. */
  expectProblem(authorization: readonly string[] | undefined): Promise<void>;
  expectRefused(token: string): Promise<void>;
}

export async function startVerifier(): Promise<Verifier> {
  const tenant = await startSigningTenant();
  const logLines: string[] = [];
  const http = createHttpClient({ timeoutMs: 2_000, maxBodyBytes: 100_000 });
  const log = createLogger('test', 'json', (line) => logLines.push(line));
  const settings = { subdomain: 'contoso', tenantId: tenant.tenantId, metadataUrl: tenant.metadataUrl };
  const found = await fetchMetadata(settings, http);
  const metadata = { current: () => found };
  const verify = accessTokenVerifier({ clientId, metadata, keys: new TenantKeys({ metadata, http, log }), log });
  const expectProblem: Verifier['expectProblem'] = async (authorization) => {
    logLines.length = 0;
    const error = await verify(authorization).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Problem);
    if (!(error instanceof Problem)) return;
    expect([400, 401, 403]).toContain(error.status);
    expect(error.headers['WWW-Authenticate']).toMatch(/^Bearer realm="todo"[ -~]{0,200}$/);
    expect(logLines.join()).not.toContain('unforeseen');
  };
  return {
    tenant,
    verify,
    token: (changes = {}, header = {}) => tenant.sign({ ...claimsOf(tenant), ...changes }, header),
    expectProblem,
    expectRefused: (token) => expectProblem([`Bearer ${token}`]),
  };
}

/** Checks that something holds for 300 values of each kind. */
export function holdsFor<Values extends [unknown, ...unknown[]]>(
  kinds: { [K in keyof Values]: Arbitrary<Values[K]> },
  holds: (...values: Values) => Promise<void>,
): Promise<void> {
  return fc.assert(fc.asyncProperty<Values>(...kinds, holds), { numRuns: 300 });
}
