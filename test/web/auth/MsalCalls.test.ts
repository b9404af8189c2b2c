import { ClientAuthError, InteractionRequiredAuthError, ServerError } from '@azure/msal-node';
import { describe, expect, it } from 'vitest';
import { TenantAnswerInvalid } from '../../../src/entra/issuedTokens.ts';
import { TenantUnavailable } from '../../../src/entra/MetadataSource.ts';
import { TokenEndpointError } from '../../../src/entra/msalNetwork.ts';
import { AppRefused, SignInFailed, SignInRequired } from '../../../src/web/auth/errors.ts';
import { MsalCalls } from '../../../src/web/auth/MsalCalls.ts';
import { stubCredentials, stubHttp, stubMetadata } from './stubTenant.ts';

const sentence = 'AADSTS70008: The code of alice@example.com has expired. Trace ID: 1';
const refused = (cause: Error) => new SignInFailed('refused by the tenant', cause);

function callThat(work: () => Promise<unknown>, credentials = stubCredentials()) {
  const calls = new MsalCalls({ clientId: 'client', credentials, http: stubHttp() });
  return calls.call(stubMetadata, refused, work).catch((error: unknown) => error);
}

const errorFor = (thrown: unknown) => callThat(() => Promise.reject(thrown));

describe('MsalCalls', () => {
  it('resolves with the result and the cache of its own client', async () => {
    const answer = await callThat(async () => 'a result');
    expect(answer).toMatchObject({ result: 'a result', cache: { serialize: expect.any(Function) } });
  });

  it('gives every call a client of its own', async () => {
    const calls = new MsalCalls({ clientId: 'client', credentials: stubCredentials(), http: stubHttp() });
    const one = await calls.call(stubMetadata, refused, async (client) => client);
    const other = await calls.call(stubMetadata, refused, async (client) => client);
    expect(one.result).not.toBe(other.result);
    expect(one.cache).not.toBe(other.cache);
  });

  it('retries once with a newer credential when the tenant refuses the app', async () => {
    const refusal = new ServerError('invalid_client', '', sentence);
    let attempts = 0;
    const work = () => (++attempts === 1 ? Promise.reject(refusal) : Promise.resolve('signed in'));
    expect(await callThat(work, stubCredentials({ renew: async () => true }))).toMatchObject({ result: 'signed in' });
    attempts = 0;
    expect(await callThat(work, stubCredentials({ renew: async () => false }))).toBeInstanceOf(AppRefused);
    expect(attempts).toBe(1);
  });

  it('passes on that a sign-in is required', async () => {
    const error = new SignInRequired({ endsSession: true });
    expect(await errorFor(error)).toBe(error);
  });

  it.each([30, undefined])('says that the tenant is unavailable, and for how long: %s', async (retryAfterSeconds) => {
    const error = await errorFor(new TokenEndpointError('unavailable', 'answered 429', retryAfterSeconds));
    expect(error).toBeInstanceOf(TenantUnavailable);
    expect(error).toMatchObject({ retryAfterSeconds, message: expect.stringContaining('answered 429') });
  });

  it('says that an answer must not be trusted', async () => {
    const error = await errorFor(new TokenEndpointError('invalid', 'answered 200 with no OAuth answer'));
    expect(error).toBeInstanceOf(TenantAnswerInvalid);
    expect(String(error)).toContain('answered 200 with no OAuth answer');
  });

  it.each([
    ['a used code', new ServerError('invalid_grant', '', sentence)],
    ['a revoked refresh token', new InteractionRequiredAuthError('invalid_grant', '', sentence)],
    ['a tenant that wants the customer', new InteractionRequiredAuthError('interaction_required', '', sentence)],
  ])('says that the tenant refuses: %s', async (_name, thrown) => {
    const error = await errorFor(thrown);
    expect(error).toBeInstanceOf(SignInFailed);
    expect(error).toMatchObject({ cause: { message: `${thrown.errorCode} AADSTS70008` } });
  });

  it.each(['invalid_client', 'unauthorized_client'])('tells the operator what to check for %s', async (code) => {
    const error = await errorFor(new ServerError(code, '', 'AADSTS7000215: Invalid client secret provided.'));
    expect(error).toBeInstanceOf(AppRefused);
    expect(String(error)).toMatch(/AADSTS7000215.*CLIENT_SECRET/);
  });

  it.each([
    ['invalid_resource', 'AADSTS500011'],
    ['invalid_scope', 'AADSTS70011'],
    ['invalid_request', 'AADSTS50146'],
  ])('says that the tenant refuses what the app asks for: %s', async (code, number) => {
    const error = await errorFor(new ServerError(code, '', `${number}: words about alice@example.com`));
    expect(error).toBeInstanceOf(AppRefused);
    expect(String(error)).toContain(`${code} ${number}`);
    expect(String(error)).not.toMatch(/CLIENT_SECRET|alice/);
  });

  it.each(['server_error', 'temporarily_unavailable'])('treats the error %s as unavailability', async (code) => {
    const error = await errorFor(new ServerError(code, '', 'AADSTS90033: Transient.'));
    expect(error).toBeInstanceOf(TenantUnavailable);
    expect(String(error)).toContain('AADSTS90033');
  });

  it.each([
    ['a wrong nonce', new ClientAuthError('nonce_mismatch', '')],
    ['anything else', new TypeError('x is not a function')],
    ['a value that is not an error', 'text'],
  ])('treats %s as an answer that must not be trusted', async (_name, thrown) => {
    expect(await errorFor(thrown)).toBeInstanceOf(TenantAnswerInvalid);
  });

  it('shortens an error code and drops its special characters', async () => {
    const thrown = new ServerError(`x\r\n<b>${'y'.repeat(100_000)}`, '', `AADSTS${'1'.repeat(100_000)}`);
    expect(String(await errorFor(thrown))).toMatch(/^TenantAnswerInvalid: xby{62} AADSTS1{8}$/);
  });

  it.each([
    new ServerError('invalid_client', '', sentence),
    new ServerError('invalid_grant', '', 'Code of alice@example.com is used up'),
    new InteractionRequiredAuthError('login_required', '', 'alice@example.com must sign in'),
  ])('keeps the error code and nothing that the tenant says about a customer: $errorMessage', async (thrown) => {
    const error = await errorFor(thrown);
    if (!(error instanceof Error)) throw new Error('no error');
    const kept = [error, error.cause].map((each) => (each instanceof Error ? each.message + each.stack : '')).join();
    expect(kept).not.toContain('alice');
    expect(kept).toContain(thrown.errorCode);
  });
});
