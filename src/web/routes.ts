import { type RequestHandler, Router } from 'express';
import type { healthController } from './controllers/healthController.ts';
import { home } from './controllers/homeController.ts';
import type { signInController } from './controllers/signInController.ts';
import type { signOutController } from './controllers/signOutController.ts';
import type { todoController } from './controllers/todoController.ts';
import type { userController } from './controllers/userController.ts';
import { limitAtOnce } from './hardening/limitAtOnce.ts';
import type { RateLimits } from './hardening/rateLimits.ts';
import { clickedOnly, frameOnly, navigationOnly } from './hardening/security.ts';
import { methodNotAllowed } from './middleware/errors.ts';
import { formBody } from './middleware/formBody.ts';
import { customerLocals, requireSignIn } from './middleware/requireSignIn.ts';

export interface PageRoutes {
  readonly session: RequestHandler;
  readonly csrf: RequestHandler;
  readonly limits: RateLimits;
  /** Lets the tenant show the answer in a frame. */
  readonly tenantFrame: RequestHandler;
  readonly signIn: ReturnType<typeof signInController>;
  readonly signOut: ReturnType<typeof signOutController>;
  readonly user: ReturnType<typeof userController>;
  readonly todo: ReturnType<typeof todoController>;
}

/** Every page and form of the app. */
export function pageRoutes({ session, csrf, limits, tenantFrame, signIn, signOut, user, todo }: PageRoutes): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const visitor = [session, customerLocals];
  const few = limitAtOnce();
  const customer = [...visitor, requireSignIn, few];
  // The body comes first, so that an error page can give the text back, whatever fails after it.
  const form = [formBody, ...visitor, requireSignIn, csrf];
  // Not for signing out, which is never refused.
  const todoForm = [...form, few];

  router.route('/').get(visitor, home);

  router.route('/auth/signin').get(navigationOnly, clickedOnly, limits.signIns, signIn.start);
  router.route('/auth/redirect').head(refuse).get(navigationOnly, limits.callbacks, session, signIn.callback);

  router
    .route('/auth/signout')
    .get(visitor, signOut.page)
    .post(visitor, signOut.ifSignedOut, formBody, csrf, signOut.signOut);
  router.route('/auth/signed-out').get(visitor, signOut.signedOut);
  router
    .route('/auth/front-channel-logout')
    .head(refuse)
    // Counted last: images on any page could use up the limit, but no call that ends a session may be refused.
    .get(tenantFrame, frameOnly, signOut.frontChannel, limits.frontChannelLogouts, answerNothing);

  router.route('/users/id').get(customer, user.claims);

  router.route('/todos').get(customer, todo.list).post(todoForm, todo.add);
  router.route('/todos/:id').post(todoForm, todo.change);
  router.route('/todos/:id/delete').post(todoForm, todo.remove);

  return refuseOtherMethods(router);
}

/** What an operator's probes ask. */
export function probeRoutes(health: ReturnType<typeof healthController>): Router {
  const router = Router();
  router.route('/livez').get(health.live);
  router.route('/readyz').get(health.ready);
  return refuseOtherMethods(router);
}

/** Keeps Express from answering HEAD with GET's handlers, where those have an effect. */
const refuse: RequestHandler = (_request, _response, next) => next();

/** The answer of a front-channel sign-out, as if it had ended a session. */
const answerNothing: RequestHandler = (_request, response) => void response.end();

/** Answers 405 on every route of a router to the methods that it does not have. */
function refuseOtherMethods(router: Router): Router {
  for (const { route } of router.stack) {
    const methods = new Set(route?.stack.map(({ method }) => method));
    const allowed = [
      methods.has('get') && 'GET',
      methods.has('get') && !methods.has('head') && 'HEAD',
      methods.has('post') && 'POST',
    ];
    route?.all(methodNotAllowed(allowed.filter(Boolean).join(', ')));
  }
  return router;
}
