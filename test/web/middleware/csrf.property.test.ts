import express, { type ErrorRequestHandler } from 'express';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningServer, serve } from '../../../src/runtime/serve.ts';
import { CsrfRefused, csrf } from '../../../src/web/middleware/csrf.ts';
import { headerTexts, trickyJson } from '../../support/arbitraries.ts';
import { send } from '../../support/send.ts';

const origin = 'https://app.example';
const csrfToken = 'the-token-of-the-session';
let running: RunningServer;
let passed: number;

beforeAll(async () => {
  const app = express();
  // JSON, so that the token can be a value of any kind.
  app.use(express.json({ strict: false }), (request, _response, next) => {
    Object.assign(request, { session: { csrfToken } });
    next();
  });
  app.post('/', csrf(origin), (_request, response) => {
    passed += 1;
    response.sendStatus(204);
  });
  const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
    response.sendStatus(error instanceof CsrfRefused ? error.status : 500);
  };
  app.use(answerError);
  running = await serve(app, { port: 0, host: '127.0.0.1' });
});
afterAll(() => running.stop());

interface Form {
  readonly site: string | undefined;
  readonly sender: string | undefined;
  readonly body: unknown;
}

const sites = fc.constantFrom('same-origin', 'none', 'same-site', 'cross-site', '', 'Same-Origin', 'same-origin, none');
const senders = fc.constantFrom(origin, 'null', 'https://evil.example', `${origin}.evil.example`, `${origin}:444`, '');
const tokens = fc.oneof(fc.constantFrom<unknown>(csrfToken, '', [csrfToken], { 0: csrfToken }, null), trickyJson);
const forms: fc.Arbitrary<Form> = fc.record({
  site: fc.oneof(sites, headerTexts(), fc.constant(undefined)),
  sender: fc.oneof(senders, headerTexts(), fc.constant(undefined)),
  body: fc.oneof({ arbitrary: tokens.map((_csrf) => ({ _csrf })), weight: 4 }, trickyJson),
});

async function statusOf({ site, sender, body }: Form): Promise<number> {
  passed = 0;
  const headers = {
    'content-type': 'application/json',
    ...(site !== undefined && { 'sec-fetch-site': site }),
    ...(sender !== undefined && { origin: sender }),
  };
  const { status } = await send(`http://127.0.0.1:${running.port}/`, {
    method: 'POST',
    headers,
    body: Buffer.from(JSON.stringify(body)),
  });
  expect(passed, 'reached the handler').toBe(status === 204 ? 1 : 0);
  return status;
}

const hasToken = (body: unknown) =>
  typeof body === 'object' && body !== null && '_csrf' in body && body._csrf === csrfToken;

describe('csrf', () => {
  it('A-66 A-67 accepts a form with the token that no other site sent, and refuses any other with 403', async () => {
    const check = async (form: Form) => {
      const isTold = form.site?.trim() === 'same-origin' || form.site?.trim() === 'none';
      const isSilent = form.site === undefined && [undefined, 'null', origin].includes(form.sender?.trim());
      expect(await statusOf(form)).toBe(hasToken(form.body) && (isTold || isSilent) ? 204 : 403);
    };
    await fc.assert(fc.asyncProperty(forms, check), { numRuns: 400 });
  });
});
