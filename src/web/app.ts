import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { tenantAuthority } from '../entra/authority.ts';
import { requestId, requestLog } from '../runtime/requestLog.ts';
import type { WebConfig } from './config.ts';
import { noStore, ownAddressOnly, securityHeaders } from './hardening/security.ts';
import { errorHandler, notFound } from './middleware/errors.ts';
import { useViews } from './pages.ts';
import { createParts, type WebDependencies } from './parts.ts';
import { pageRoutes, probeRoutes } from './routes.ts';

const publicFolder = fileURLToPath(new URL('../../public', import.meta.url));

/** Builds the web app: everything that a request passes, in this order. */
export function createWebApp(config: WebConfig, dependencies: WebDependencies): Express {
  const { sessions, health, pages } = createParts(config, dependencies);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', config.trustedProxies);
  useViews(app);

  app.use(requestId);
  app.use(securityHeaders({ ...config, tenantOrigin: tenantAuthority(config.tenant).origin }));
  // Before the check of the host, so that the page which refuses a wrong one has its stylesheet.
  app.use(
    '/assets',
    express.static(publicFolder, { index: false, redirect: false, maxAge: config.isProduction ? '1h' : 0 }),
  );
  app.use(noStore);
  app.use(probeRoutes(health));
  app.use(requestLog(dependencies.log));
  app.use(ownAddressOnly(config.baseUrl));
  app.use(pageRoutes(pages));
  app.use(notFound);
  app.use(errorHandler(config.baseUrl, sessions, dependencies.log, dependencies.now));
  return app;
}
