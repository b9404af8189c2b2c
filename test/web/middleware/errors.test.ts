import express from 'express';
import request from 'supertest';
import { describe, expect, test } from 'vitest';
import { CredentialUnavailable } from '../../../src/entra/credentials/credential.ts';
import { IdTokenInvalid } from '../../../src/entra/idToken.ts';
import { TenantAnswerInvalid } from '../../../src/entra/issuedTokens.ts';
import { TenantUnavailable } from '../../../src/entra/MetadataSource.ts';
import { TodoApiError } from '../../../src/models/TodoClient.ts';
import type { LogFields } from '../../../src/runtime/logger.ts';
import {
  AppRefused,
  SignInFailed,
  SignInInterrupted,
  SignInRequired,
  SignOutIncomplete,
} from '../../../src/web/auth/errors.ts';
import { TooManyRequests } from '../../../src/web/hardening/rateLimits.ts';
import { NotNavigated, WrongAddress } from '../../../src/web/hardening/security.ts';
import { CsrfRefused } from '../../../src/web/middleware/csrf.ts';
import { errorHandler, MethodNotAllowed, NotFound } from '../../../src/web/middleware/errors.ts';
import { NotAForm } from '../../../src/web/middleware/formBody.ts';
import { useViews } from '../../../src/web/pages.ts';
import { SessionStoreUnavailable } from '../../../src/web/session/KeyValueStore.ts';

/** A message for the log, which no page shows. */
const hidden = 'known to the log alone';

/** A page that throws this error in a session that began so long ago. */
function pageThatThrows(error: unknown, { sessionAgeMs = 3_600_000 } = {}) {
  const [logged, ended]: [LogFields[], string[]] = [[], []];
  const keep = (message: string, fields: LogFields = {}) => void logged.push({ message, ...fields });
  const app = express();
  useViews(app);
  app.use((visit, response) => {
    const session = { customer: { oid: 'alice', name: 'Alice' }, signedInAt: Date.now() - sessionAgeMs };
    Object.assign(visit, { session, sessionID: 'the-session' });
    Object.assign(response.locals, { requestId: 'request-7', customerName: 'Alice' });
    throw error;
  });
  const end = async (visit: express.Request) => {
    ended.push(visit.sessionID);
    Reflect.deleteProperty(visit, 'session');
  };
  app.use(errorHandler('http://localhost', { end }, { info: keep, warn: keep, error: keep }));
  const visit = () => request(app).get('/todos?x=1').set('Sec-Fetch-Mode', 'navigate');
  return { app, visit, logged, ended };
}

const todo = (reason: ConstructorParameters<typeof TodoApiError>[0], details = {}) =>
  new TodoApiError(reason, 'The to-do API refused', details);

describe('an error', () => {
  test.each<[error: Error, status: number, heading: string, event?: string | undefined, retryAfter?: string]>([
    [new SignInFailed('used attempt'), 400, 'We couldn’t complete sign-in', 'sign-in-failed'],
    [new SignInFailed('refused by the tenant'), 400, 'We couldn’t complete sign-in', 'sign-in-failed'],
    [new AppRefused(hidden), 502, 'Sign-in is not possible right now'],
    [new TenantAnswerInvalid(hidden), 502, 'Sign-in is not possible right now', 'token-refused'],
    [new IdTokenInvalid(hidden), 502, 'Sign-in is not possible right now', 'token-refused'],
    [new TenantUnavailable(hidden), 503, 'Sign-in is busy', undefined, '5'],
    [new TenantUnavailable(hidden, { retryAfterSeconds: 30 }), 503, 'Sign-in is busy', undefined, '30'],
    [new CredentialUnavailable(hidden), 503, 'Sign-in is busy', undefined, '5'],
    [new SignOutIncomplete(hidden), 503, 'Sign-out is not complete', undefined, '5'],
    [new SessionStoreUnavailable(hidden), 503, 'Temporarily unavailable', undefined, '5'],
    [todo('forbidden'), 403, 'No permission', 'permission-refused'],
    [todo('notFound', { retryAfterSeconds: 9 }), 404, 'To-do not found'],
    [todo('refused'), 400, 'That did not work'],
    [todo('tooOften', { retryAfterSeconds: 9 }), 429, 'Please wait a moment', undefined, '9'],
    [todo('unavailable'), 503, 'The list is unavailable', undefined, '5'],
    [new CsrfRefused(hidden), 403, 'We couldn’t accept that form', 'form-refused'],
    [new TooManyRequests(12), 429, 'Please wait a moment', 'rate-limited', '12'],
    [new NotNavigated(hidden), 403, 'Not available here'],
    [new NotFound(hidden), 404, 'Page not found'],
    [new MethodNotAllowed(hidden), 405, 'That did not work'],
    [new NotAForm(hidden), 415, 'Not a form'],
    [new WrongAddress(hidden, 'http://localhost'), 421, 'Wrong address'],
    [Object.assign(new Error('of a library'), { status: 418 }), 418, 'That did not work'],
    [new Error('of nobody'), 500, 'Something went wrong'],
  ])('%s gets the status %i, the heading "%s" and the event %s', async (error, status, heading, event, retryAfter) => {
    const { visit, logged } = pageThatThrows(error);
    const answer = await visit();
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, retryAfter]);
    expect(answer.text).toContain(`<h1>${heading}</h1>`);
    expect(answer.text).not.toContain(error.message);
    expect(logged.filter(({ message }) => message === 'audit').map((line) => line.event)).toEqual(event ? [event] : []);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('that asks for the status 503 and is not ours is an internal error, and is logged with its stack', async () => {
    const { visit, logged } = pageThatThrows(Object.assign(new Error('of a library'), { status: 503 }));
    expect((await visit()).status).toBe(500);
    expect(logged).toEqual([expect.objectContaining({ message: 'Request failed', stack: expect.any(String) })]);
  });

  test('of a sign-in leads back to the page that the customer wanted, and is a failed sign-in', async () => {
    const { visit, logged } = pageThatThrows(new SignInInterrupted('/users/id', new IdTokenInvalid(hidden)));
    const answer = await visit();
    expect(answer.status).toBe(502);
    expect(answer.text).toContain('href="/auth/signin?returnTo=%2Fusers%2Fid">Start again</a>');
    expect(logged).toEqual([expect.objectContaining({ message: 'audit', event: 'sign-in-failed' })]);
  });

  const refused = (aadsts: string) => new SignInFailed('refused by the tenant', new Error(`access_denied ${aadsts}`));

  test.each<[error: Error, status: number, heading: string, code: string]>([
    [refused('AADSTS53003'), 403, 'Sign-in is blocked', 'AADSTS53003'],
    [refused('AADSTS65004'), 403, 'Sign-in is not allowed', 'AADSTS65004'],
    [refused('AADSTS50146'), 502, 'Sign-in is not possible right now', 'AADSTS50146'],
    [new AppRefused('invalid_resource AADSTS500011'), 502, 'Sign-in is not possible right now', 'AADSTS500011'],
    [new AppRefused('invalid_client AADSTS7000222'), 502, 'Sign-in is not possible right now', 'AADSTS7000222'],
  ])('%s shows its number, and offers no sign-in that would end the same way', async (error, status, heading, code) => {
    const { visit, logged } = pageThatThrows(new SignInInterrupted('/users/id', error));
    const answer = await visit();
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(`<h1>${heading}</h1>`);
    expect(answer.text).toContain(`<code>${code}</code>`);
    expect(answer.text).not.toContain('/auth/signin');
    expect(logged).toEqual([expect.objectContaining({ event: 'sign-in-failed' })]);
    expect(JSON.stringify(logged)).toContain(code);
  });

  test('of a locked account or a busy tenant says when to try again', async () => {
    const answer = await pageThatThrows(new SignInInterrupted('/users/id', refused('AADSTS50053'))).visit();
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '120']);
    expect(answer.text).toContain('>Start again</a>');
  });

  test('of the tenant with a number that says no more shows the number and offers another sign-in', async () => {
    const answer = await pageThatThrows(refused('AADSTS70008')).visit();
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('<code>AADSTS70008</code>');
    expect(answer.text).toContain('>Start again</a>');
  });

  test('that somebody made up, with a number, is not taken for a refusal of the tenant', async () => {
    const answer = await pageThatThrows(new SignInFailed('unknown attempt', new Error('AADSTS53003'))).visit();
    expect(answer.text).not.toContain('Sign-in is blocked');
  });

  test('of the API shows what the API says to the customer, and no other error shows its detail', async () => {
    const detail = 'Your list is full.';
    expect((await pageThatThrows(todo('refused', { detail })).visit()).text).toContain(detail);
    const foreign = Object.assign(new Error('of a library'), { status: 400, detail });
    expect((await pageThatThrows(foreign).visit()).text).not.toContain(detail);
  });

  test('is reported to a script in JSON', async () => {
    const { app } = pageThatThrows(new SessionStoreUnavailable(hidden));
    const answer = await request(app).get('/todos').set('Accept', 'application/json');
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.body).toEqual({
      error: 'Temporarily unavailable',
      message: expect.any(String),
      requestId: 'request-7',
    });
  });
});

describe('a page that needs a sign-in', () => {
  test('redirects to sign in and back', async () => {
    const { visit, logged, ended } = pageThatThrows(new SignInRequired());
    const answer = await visit();
    expect([answer.status, answer.headers.location]).toEqual([303, '/auth/signin?returnTo=%2Ftodos%3Fx%3D1']);
    expect([logged, ended]).toEqual([[], []]);
  });

  test('ends a session whose tokens the tenant refuses to renew, and logs that', async () => {
    const { visit, logged, ended } = pageThatThrows(new SignInRequired({ endsSession: true }));
    expect([(await visit()).status, ended]).toEqual([303, ['the-session']]);
    expect(logged).toEqual([expect.objectContaining({ message: 'audit', event: 'session-ended', status: 401 })]);
  });

  test.each([
    [59_000, 429],
    [61_000, 303],
  ])('A-65 in a session of %i ms answers %i, so that a browser is not redirected forever', async (age, status) => {
    const { visit, logged } = pageThatThrows(new SignInRequired(), { sessionAgeMs: age });
    const answer = await visit();
    expect(answer.status).toBe(status);
    if (status === 303) return;
    expect(answer.headers['retry-after']).toBe('60');
    expect(answer.text).toContain('<h1>We can’t keep you signed in</h1>');
    expect(logged).toEqual([expect.objectContaining({ event: 'sign-in-failed', status: 429 })]);
  });

  test('A-65 also ends a new session whose tokens the tenant refuses to renew', async () => {
    const { visit, ended } = pageThatThrows(new SignInRequired({ endsSession: true }), { sessionAgeMs: 0 });
    const answer = await visit();
    expect([answer.status, ended]).toEqual([429, ['the-session']]);
    expect(answer.text).not.toContain('Alice');
  });

  test.each(['post', 'delete'] as const)('answers 401 to %s, with a link back to its page', async (method) => {
    const { app } = pageThatThrows(new SignInRequired(), { sessionAgeMs: 0 });
    const answer = await request(app)[method]('/todos/5/delete').set('Sec-Fetch-Mode', 'navigate');
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('href="/auth/signin?returnTo=%2Ftodos">Sign in again</a>');
  });
});
