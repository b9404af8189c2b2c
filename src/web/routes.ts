import { type RequestHandler, Router } from 'express';
import type { AuthController } from './controllers/authController.ts';
import type { HealthController } from './controllers/healthController.ts';
import { home } from './controllers/homeController.ts';
import type { TodoController } from './controllers/todoController.ts';
import type { UserController } from './controllers/userController.ts';
import type { RateLimits } from './hardening/rateLimits.ts';
import { navigationOnly } from './hardening/security.ts';
import { methodNotAllowed } from './middleware/errors.ts';
import { formBody } from './middleware/formBody.ts';
import { customerLocals, requireSignIn } from './middleware/requireSignIn.ts';

export interface PageRoutes {
  readonly session: RequestHandler;
  readonly csrf: RequestHandler;
  readonly limits: RateLimits;
  /** Lets the tenant show the answer in a frame. */
  readonly tenantFrame: RequestHandler;
  readonly auth: AuthController;
  readonly user: UserController;
  readonly todo: TodoController;
}

/** What an operator's probes ask. */
export function probeRoutes(health: HealthController): Router {
  const router = Router();
  answer(router, '/livez', { get: [health.live] });
  answer(router, '/readyz', { get: [health.ready] });
  return router;
}

/** Every page and form of the app. */
export function pageRoutes({ session, csrf, limits, tenantFrame, auth, user, todo }: PageRoutes): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const visitor = [session, customerLocals];
  const customer = [...visitor, requireSignIn];
  // The body comes first, so that its text can be given back whatever fails after it.
  const form = [formBody, ...visitor, requireSignIn, csrf];

  answer(router, '/', { get: [...visitor, home] });
  answer(router, '/auth/signin', { get: [navigationOnly, limits.signIns, auth.signIn] });
  router.head('/auth/redirect', methodNotAllowed('GET'));
  answer(router, '/auth/redirect', { get: [navigationOnly, limits.callbacks, session, auth.redirect] }, 'GET');
  answer(router, '/auth/signout', { get: [...visitor, auth.signOutPage], post: [...form, auth.signOut] });
  answer(router, '/auth/signed-out', { get: [...visitor, auth.signedOut] });
  router.head('/auth/front-channel-logout', methodNotAllowed('GET'));
  answer(
    router,
    '/auth/front-channel-logout',
    { get: [tenantFrame, limits.frontChannelLogouts, auth.frontChannelLogout] },
    'GET',
  );
  answer(router, '/users/id', { get: [...customer, user.claims] });
  answer(router, '/todos', { get: [...customer, todo.list], post: [...form, todo.add] });
  answer(router, '/todos/:id', { post: [...form, todo.change] });
  answer(router, '/todos/:id/delete', { post: [...form, todo.remove] });
  return router;
}

/** Routes a page's methods; every other one is answered 405. */
function answer(
  router: Router,
  path: string,
  methods: { readonly get?: readonly RequestHandler[]; readonly post?: readonly RequestHandler[] },
  allowed = [methods.get && 'GET, HEAD', methods.post && 'POST'].filter(Boolean).join(', '),
): void {
  const route = router.route(path);
  if (methods.get) route.get(...methods.get);
  if (methods.post) route.post(...methods.post);
  route.all(methodNotAllowed(allowed));
}
