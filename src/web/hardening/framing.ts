import type { RequestHandler } from 'express';

/**
 * Lets pages of these origins show the answer in a frame; every other answer of the app lets nobody.
 * @param origins `https://contoso.ciamlogin.com`
 */
export function allowFraming(origins: readonly string[]): RequestHandler {
  const ancestors = `frame-ancestors ${origins.join(' ')}`;
  return (_request, response, next) => {
    response.setHeader(
      'Content-Security-Policy',
      `default-src 'none'; base-uri 'none'; form-action 'none'; ${ancestors}`,
    );
    // It cannot name an origin, and would forbid the frame wherever it is obeyed.
    response.removeHeader('X-Frame-Options');
    next();
  };
}
