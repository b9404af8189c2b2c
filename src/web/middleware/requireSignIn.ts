import type { RequestHandler } from 'express';
import { SignInRequired } from '../auth/errors.ts';

/** Requires a signed-in customer: one that the session names. */
export const requireSignIn: RequestHandler = (request, _response, next) => {
  next(request.session.customer ? undefined : new SignInRequired());
};

/** Gives the layout of every page the name of the customer. */
export const customerLocals: RequestHandler = (request, response, next) => {
  const { customer, csrfToken } = request.session;
  if (customer) response.locals.customerName = customer.name;
  if (csrfToken) response.locals.csrfToken = csrfToken;
  next();
};
