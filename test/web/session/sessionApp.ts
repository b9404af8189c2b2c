import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { createLogger } from '../../../src/runtime/logger.ts';
import { serve } from '../../../src/runtime/serve.ts';
import type { KeyValueStore } from '../../../src/web/session/KeyValueStore.ts';
import { SealedStore } from '../../../src/web/session/SealedStore.ts';
import { hashSid, SessionIndex } from '../../../src/web/session/SessionIndex.ts';
import { Sessions } from '../../../src/web/session/Sessions.ts';
import { TokenCache } from '../../../src/web/session/TokenCache.ts';

export const idleMs = 60 * 60_000;
export const absoluteMs = 12 * 3_600_000;

export interface SessionApp {
  /** What the store logged. */
  readonly logged: readonly string[];
  /** How far the app's clock is ahead of the system's. */
  aheadMs: number;
  /** What a request to /held waits for after its session was loaded. */
  hold: () => Promise<void>;
  /** Sends a request. @param cookie the whole Cookie header */
  send(method: 'GET' | 'POST', path: string, cookie?: string): Promise<Answer>;
  /** Begins a customer's session. @param sid the tenant's session. @returns the Cookie header of the browser */
  begin(name?: string, cookie?: string, sid?: string): Promise<string>;
  /** Ends sessions as the tenant's front-channel logout does. @returns their hashes */
  endBySid(sid: string): Promise<readonly string[]>;
  /** The name of the customer that a browser is signed in as. */
  whoIs(cookie: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookies: readonly string[];
}

export interface SessionAppOptions {
  readonly records: KeyValueStore;
  readonly secrets?: readonly string[];
  readonly isHttps?: boolean;
}

/** What the tenant issued for a session. Each value is easy to recognise wherever it appears. */
export function tokensOf(name: string, sid = 'tenant-session-id') {
  const claims = {
    iss: 'https://issuer.example',
    sub: 'pairwise-subject',
    oid: randomUUID(),
    tid: randomUUID(),
    name,
    preferred_username: 'alice@example.com',
    sid,
  };
  const accessToken = { token: 'access-token-text', expiresAt: Date.now() + 3_600_000 };
  return { claims, accessToken, msalCache: '{"RefreshToken":{"secret":"refresh-token-text"}}' };
}

/** Serves sessions as the web app does, with routes that begin, read, change and end one. */
export async function startSessionApp(options: SessionAppOptions): Promise<SessionApp> {
  const logged: string[] = [];
  const log = createLogger('test', 'text', (line) => logged.push(line));
  const running = await serve(
    createApp(options, () => app, log),
    { port: 0, host: '127.0.0.1' },
  );
  const app: SessionApp = {
    logged,
    aheadMs: 0,
    hold: async () => {},
    async send(method, path, cookie = '') {
      const headers = { cookie, 'x-forwarded-proto': options.isHttps ? 'https' : 'http' };
      const response = await fetch(`http://127.0.0.1:${running.port}${path}`, { method, headers });
      return { status: response.status, text: await response.text(), cookies: response.headers.getSetCookie() };
    },
    async begin(name = 'Alice', cookie = '', sid = 'tenant-session-id') {
      const { cookies } = await this.send('POST', `/begin?${new URLSearchParams({ name, sid })}`, cookie);
      return cookies[0]?.split(';', 1)[0] ?? '';
    },
    async endBySid(sid) {
      return JSON.parse((await this.send('POST', `/end-by-sid?${new URLSearchParams({ sid })}`)).text);
    },
    async whoIs(cookie) {
      const { status, text } = await this.send('GET', '/who', cookie);
      if (status !== 200) throw new Error(`/who answered ${status}`);
      return JSON.parse(text).customer?.name;
    },
    stop: () => running.stop(),
  };
  return app;
}

function createApp(
  { records, secrets = ['a-secret-of-the-tests-that-is-long-enough'], isHttps = false }: SessionAppOptions,
  control: () => SessionApp,
  log: ReturnType<typeof createLogger>,
): Express {
  const now = () => Date.now() + control().aheadMs;
  const lifetime = { idleMs, absoluteMs };
  const index = new SessionIndex(records, lifetime);
  const store = new SealedStore({ records, lifetime, log, now });
  const tokenCache = new TokenCache(records, 'the API');
  const sessions = new Sessions({ store, tokenCache, index, secrets, isHttps, now });
  const app = express();
  app.set('trust proxy', 1);
  app.use(sessions.middleware());
  app.post('/begin', async (request, response) => {
    await sessions.begin(
      request,
      tokensOf(String(request.query.name), String(request.query.sid ?? 'tenant-session-id')),
    );
    response.sendStatus(204);
  });
  app.get('/who', (request, response) => {
    response.json({ customer: request.session.customer });
  });
  app.get('/claims', async (request, response) => {
    response.json((await tokenCache.readClaims(request.sessionID)) ?? null);
  });
  app.get('/held', async (request, response) => {
    await control().hold();
    if (request.query.change) request.session.seenAt = (request.session.seenAt ?? 0) + 1;
    response.sendStatus(204);
  });
  app.post('/end', async (request, response) => {
    await sessions.end(request, response);
    response.sendStatus(204);
  });
  app.post('/end-by-sid', async (request, response) => {
    response.json(await index.end(hashSid(request.query.sid) ?? ''));
  });
  const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(Number(error.status ?? 500)).send(String(error.name));
  };
  app.use(answerError);
  return app;
}
