import { tenantOrigins } from '../entra/authority.ts';
import type { CredentialSource } from '../entra/credentials/credential.ts';
import type { MetadataSource } from '../entra/MetadataSource.ts';
import type { TenantKeys } from '../entra/TenantKeys.ts';
import { TodoClient } from '../models/TodoClient.ts';
import type { HttpClient } from '../runtime/httpClient.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Counts } from '../runtime/rateLimit.ts';
import { AccessTokenSource } from './auth/AccessTokenSource.ts';
import { AuthProvider } from './auth/AuthProvider.ts';
import { PendingSignInSealer } from './auth/PendingSignInSealer.ts';
import type { WebConfig } from './config.ts';
import { healthController } from './controllers/healthController.ts';
import { signInController } from './controllers/signInController.ts';
import { signOutController } from './controllers/signOutController.ts';
import { todoController } from './controllers/todoController.ts';
import { userController } from './controllers/userController.ts';

import { rateLimits } from './hardening/rateLimits.ts';
import { allowFraming } from './hardening/security.ts';
import { csrf } from './middleware/csrf.ts';
import type { KeyValueStore } from './session/KeyValueStore.ts';
import { PendingSignInCookies } from './session/PendingSignInCookies.ts';
import { SealedStore } from './session/SealedStore.ts';
import { SessionIndex } from './session/SessionIndex.ts';
import { Sessions } from './session/Sessions.ts';
import { TokenCache } from './session/TokenCache.ts';

/** What the app uses and does not own. */
export interface WebDependencies {
  readonly metadata: Pick<MetadataSource, 'current' | 'ready'>;
  readonly keys: Pick<TenantKeys, 'get'>;
  /** What the app authenticates to the tenant with. */
  readonly credentials: Pick<CredentialSource, 'advice' | 'current' | 'ready' | 'renew'>;
  /** For the token endpoint: short answers. */
  readonly tenantHttp: HttpClient;
  /** For the to-do API: whole lists. */
  readonly todoHttp: HttpClient;
  readonly records: KeyValueStore;
  /** Where the rate limits count. */
  readonly counts: Counts;
  readonly log: Logger;
  /** The clock of the sessions; default: the system's. */
  readonly now?: () => number;
  /** Whether the process is stopping, so that it should get no more requests. */
  readonly isStopping?: () => boolean;
}

/** Builds the parts of the web app and connects them. */
export function createParts(config: WebConfig, dependencies: WebDependencies) {
  const {
    metadata,
    keys,
    credentials,
    tenantHttp,
    todoHttp,
    records,
    counts,
    log,
    now = () => Date.now(),
  } = dependencies;
  const { baseUrl, clientId, todoApiClientId, isHttps, sessionLifetime: lifetime, sessionSecrets: secrets } = config;

  const sessionIndex = new SessionIndex(records, lifetime);
  const store = new SealedStore({ records, lifetime, log, now });
  const tokenCache = new TokenCache(records, todoApiClientId);
  const sessions = new Sessions({ store, tokenCache, index: sessionIndex, secrets, isHttps, now });
  const pendingSignIns = new PendingSignInCookies(new PendingSignInSealer(secrets), records, { isHttps });

  const provider = new AuthProvider({
    metadata,
    keys,
    http: tenantHttp,
    clientId,
    credentials,
    redirectUri: `${baseUrl}/auth/redirect`,
    postLogoutRedirectUri: `${baseUrl}/auth/signed-out`,
    todoApiClientId,
  });
  const accessTokens = new AccessTokenSource(tokenCache, provider);
  const todos = new TodoClient({ baseUrl: config.todoApiUrl, http: todoHttp });

  return {
    sessions,
    health: healthController({ metadata, credentials, records, isStopping: dependencies.isStopping ?? (() => false) }),
    pages: {
      session: sessions.middleware(),
      csrf: csrf(baseUrl),
      limits: rateLimits({ signInsPerMinute: config.signInsPerMinute, secrets, counts }),
      tenantFrame: allowFraming(tenantOrigins(config.tenant)),
      signIn: signInController({ provider, pendingSignIns, sessions, log }),
      signOut: signOutController({ provider, sessions, sessionIndex, tokenCache, log }),
      user: userController(tokenCache),
      todo: todoController({ accessTokens, todos }),
    },
  };
}
