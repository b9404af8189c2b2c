import type { RequestHandler } from 'express';
import { SignInRequired } from '../auth/errors.ts';

/** Lets customers through; signed in means that the session has a customer. */
export const requireSignIn: RequestHandler = (request, _response, next) => {
  next(request.session.customer ? undefined : new SignInRequired());
};

/** Tells the layout of every page who is signed in. */
export const customerLocals: RequestHandler = (request, response, next) => {
  const { customer, csrfToken } = request.session;
  if (customer) response.locals.customerName = customer.name || 'Customer';
  if (csrfToken) response.locals.csrfToken = csrfToken;
  next();
};
