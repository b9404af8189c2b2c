import { ClientAuthError, InteractionRequiredAuthError, ServerError } from '@azure/msal-node';
import { describe, expect, it } from 'vitest';
import { TenantUnavailable } from '../../../src/entra/MetadataSource.ts';
import { TokenEndpointError } from '../../../src/entra/msalNetwork.ts';
import { AppRefused, SignInFailed, TenantAnswerInvalid } from '../../../src/web/auth/errors.ts';
import { translateMsalError } from '../../../src/web/auth/msalErrors.ts';

const sentence = 'AADSTS70008: The code of alice@example.com has expired. Trace ID: 1';

async function translated(thrown: unknown): Promise<unknown> {
  const refused = (cause: Error) => new SignInFailed('refused by the tenant', cause);
  return await translateMsalError(Promise.reject(thrown), refused, 'check CLIENT_SECRET').catch(
    (error: unknown) => error,
  );
}

describe('translateMsalError', () => {
  it('passes on what MSAL resolves with', async () => {
    const result = { idToken: 'x' };
    expect(await translateMsalError(Promise.resolve(result), () => new Error('unused'), '')).toBe(result);
  });

  it.each([30, undefined])('says that the tenant is away, and for how long: %s', async (retryAfterSeconds) => {
    const error = await translated(new TokenEndpointError('unavailable', 'answered 429', retryAfterSeconds));
    expect(error).toBeInstanceOf(TenantUnavailable);
    expect(error).toMatchObject({ retryAfterSeconds, message: expect.stringContaining('answered 429') });
  });

  it('says that an answer is not to be believed', async () => {
    const error = await translated(new TokenEndpointError('invalid', 'answered 200 with no OAuth answer'));
    expect(error).toBeInstanceOf(TenantAnswerInvalid);
    expect(String(error)).toContain('answered 200 with no OAuth answer');
  });

  it.each([
    ['a used code', new ServerError('invalid_grant', '', sentence)],
    ['a revoked refresh token', new InteractionRequiredAuthError('invalid_grant', '', sentence)],
    ['a tenant that wants the customer', new InteractionRequiredAuthError('interaction_required', '', sentence)],
  ])('says that the tenant refuses: %s', async (_name, thrown) => {
    const error = await translated(thrown);
    expect(error).toBeInstanceOf(SignInFailed);
    expect(error).toMatchObject({ cause: { message: `${thrown.errorCode} AADSTS70008` } });
  });

  it.each(['invalid_client', 'unauthorized_client'])('tells the operator what to check for %s', async (code) => {
    const error = await translated(new ServerError(code, '', 'AADSTS7000215: Invalid client secret provided.'));
    expect(error).toBeInstanceOf(AppRefused);
    expect(String(error)).toMatch(/AADSTS7000215.*CLIENT_SECRET/);
  });

  it.each([
    ['a wrong nonce', new ClientAuthError('nonce_mismatch', '')],
    ['anything else', new TypeError('x is not a function')],
    ['what is no error', 'text'],
  ])('treats %s as an answer that is not to be believed', async (_name, thrown) => {
    expect(await translated(thrown)).toBeInstanceOf(TenantAnswerInvalid);
  });

  it('tells no more of a code than a code is long, and none of its signs', async () => {
    const thrown = new ServerError(`x\r\n<b>${'y'.repeat(100_000)}`, '', `AADSTS${'1'.repeat(100_000)}`);
    expect(String(await translated(thrown))).toMatch(/^TenantAnswerInvalid: xby{62} AADSTS1{8}$/);
  });

  it.each([
    new ServerError('invalid_client', '', sentence),
    new ServerError('invalid_grant', '', 'Code of alice@example.com is used up'),
    new InteractionRequiredAuthError('login_required', '', 'alice@example.com must sign in'),
  ])('tells the code and nothing of what the tenant says about a customer: $errorMessage', async (thrown) => {
    const error = await translated(thrown);
    if (!(error instanceof Error)) throw new Error('no error');
    const told = [error, error.cause].map((each) => (each instanceof Error ? each.message + each.stack : '')).join();
    expect(told).not.toContain('alice');
    expect(told).toContain(thrown.errorCode);
  });
});
