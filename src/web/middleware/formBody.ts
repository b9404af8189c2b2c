import express, { type RequestHandler } from 'express';

/** The request's body is not an HTML form. */
export class NotAForm extends Error {
  override readonly name = 'NotAForm';
  readonly status = 415;
}

const parse = express.urlencoded({ extended: false, limit: '10kb', parameterLimit: 20, inflate: false });

/** Reads the form of a POST. Refuses other bodies, compressed ones, and more than 10 KB or 20 fields. */
export const formBody: RequestHandler = (request, response, next) => {
  if (request.is('application/x-www-form-urlencoded')) parse(request, response, next);
  else next(new NotAForm('the body is not a form'));
};
