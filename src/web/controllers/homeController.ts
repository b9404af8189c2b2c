import type { RequestHandler } from 'express';
import { renderPage } from '../pages.ts';

/** The home page, for everybody. */
export const home: RequestHandler = (request, response) => {
  renderPage(response, 'index', request.query.notice === 'cancelled' ? { notice: 'cancelled' } : {});
};
