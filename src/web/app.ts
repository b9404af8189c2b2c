import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { tenantAuthority, tenantOrigins } from '../entra/authority.ts';
import type { CredentialSource } from '../entra/credentials/credential.ts';
import type { MetadataSource } from '../entra/MetadataSource.ts';
import type { TenantKeys } from '../entra/TenantKeys.ts';
import { TodoClient } from '../models/TodoClient.ts';
import type { HttpClient } from '../runtime/httpClient.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Counts } from '../runtime/rateLimit.ts';
import { requestId, requestLog } from '../runtime/requestLog.ts';
import { AccessTokens } from './auth/AccessTokens.ts';
import { AuthProvider } from './auth/AuthProvider.ts';
import { PendingSignInSealer } from './auth/PendingSignInSealer.ts';
import type { WebConfig } from './config.ts';
import { AuthController } from './controllers/authController.ts';
import { HealthController } from './controllers/healthController.ts';
import { TodoController } from './controllers/todoController.ts';
import { UserController } from './controllers/userController.ts';
import { allowFraming } from './hardening/framing.ts';
import { routeOf } from './hardening/proxyCheck.ts';
import { rateLimits } from './hardening/rateLimits.ts';
import { noStore, ownAddressOnly, securityHeaders } from './hardening/security.ts';
import { csrf } from './middleware/csrf.ts';
import { errorHandler, notFound } from './middleware/errors.ts';
import { useViews } from './pages.ts';
import { pageRoutes, probeRoutes } from './routes.ts';
import { PendingSignInCookies } from './session/PendingSignInCookies.ts';
import type { Records } from './session/records.ts';
import { SealedStore } from './session/SealedStore.ts';
import { SessionIndex } from './session/SessionIndex.ts';
import { Sessions } from './session/Sessions.ts';
import { TokenCache } from './session/TokenCache.ts';
import { UsedAttempts } from './session/UsedAttempts.ts';

/** What the app uses and does not own. */
export interface WebDependencies {
  readonly metadata: Pick<MetadataSource, 'current' | 'ready'>;
  readonly keys: Pick<TenantKeys, 'get'>;
  /** With which the app proves itself to the tenant. */
  readonly credentials: Pick<CredentialSource, 'advice' | 'current' | 'ready' | 'renew'>;
  /** For the token endpoint: short answers. */
  readonly tenantHttp: HttpClient;
  /** For the to-do API: whole lists. */
  readonly todoHttp: HttpClient;
  readonly records: Records;
  /** Where the rate limits count. */
  readonly counts: Counts;
  readonly log: Logger;
  /** Whether the process was told to stop, so that no more requests should be sent here. */
  readonly isStopping?: () => boolean;
}

const publicFolder = fileURLToPath(new URL('../../public', import.meta.url));

/** Builds the web app: everything that a request meets, in this order. */
export function createWebApp(config: WebConfig, dependencies: WebDependencies): Express {
  const { sessions, ...controllers } = createParts(config, dependencies);
  const { signInsPerMinute, sessionSecrets: secrets } = config;
  const limits = rateLimits({ signInsPerMinute, secrets, counts: dependencies.counts });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.trustedProxies);
  useViews(app);

  app.use(requestId);
  app.use(securityHeaders({ ...config, tenantOrigin: tenantAuthority(config.tenant).origin }));
  // Before the check of the address, so that the page which refuses one has its stylesheet too.
  app.use(
    '/assets',
    express.static(publicFolder, { index: false, redirect: false, maxAge: config.isProduction ? '1h' : 0 }),
  );
  app.use(noStore);
  app.use(probeRoutes(controllers.health));
  app.use(requestLog(dependencies.log));
  app.use(ownAddressOnly(config.baseUrl));
  const tenantFrame = allowFraming(tenantOrigins(config.tenant));
  const guards = { session: sessions.middleware(), csrf: csrf(config.baseUrl), tenantFrame, limits };
  app.use(pageRoutes({ ...controllers, ...guards }));
  app.use(notFound);
  app.use(errorHandler(sessions, dependencies.log));
  return app;
}

function createParts(config: WebConfig, dependencies: WebDependencies) {
  const { metadata, keys, credentials, tenantHttp, todoHttp, records, log, isStopping } = dependencies;
  const { baseUrl, clientId, todoApiClientId, isHttps } = config;
  const lifetime = config.sessionLifetime;
  const sessionIndex = new SessionIndex(records, lifetime);
  const store = new SealedStore({ records, index: sessionIndex, lifetime, log });
  const tokenCache = new TokenCache(records);
  const sessions = new Sessions({ store, tokenCache, secrets: config.sessionSecrets, isHttps });
  const sealer = new PendingSignInSealer(config.sessionSecrets);
  const provider = new AuthProvider({
    metadata,
    keys,
    http: tenantHttp,
    clientId,
    credentials,
    redirectUri: `${baseUrl}/auth/redirect`,
    postLogoutRedirectUri: `${baseUrl}/auth/signed-out`,
    scopes: ['ToDoList.Read', 'ToDoList.ReadWrite'].map((name) => `api://${todoApiClientId}/${name}`),
  });
  const auth = new AuthController({
    provider,
    sealer,
    sessions,
    sessionIndex,
    tokenCache,
    cookies: new PendingSignInCookies(sealer, { isHttps }),
    usedAttempts: new UsedAttempts(records),
    log,
  });
  const todos = new TodoClient({ baseUrl: config.todoApiUrl, http: todoHttp });
  const todo = new TodoController({ accessTokens: new AccessTokens(tokenCache, provider), todos });
  const health = new HealthController({
    ...{ metadata, credentials, records },
    ...(isStopping && { isStopping }),
    routeOf: (request) => routeOf(request, config.sessionSecrets),
  });
  return { sessions, auth, todo, health, user: new UserController(tokenCache) };
}
