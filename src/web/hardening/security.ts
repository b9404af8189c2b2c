import type { RequestHandler } from 'express';
import helmet from 'helmet';

export interface SecurityHeadersOptions {
  readonly isHttps: boolean;
  /**
   * Where forms may lead as well: Chromium applies `form-action` to redirects, and the sign-out form goes on to the
   * tenant (https://github.com/w3c/webappsec-csp/issues/8).
   */
  readonly tenantOrigin: string;
  readonly cspReportUrl: string | undefined;
}

/** Security headers of every answer. There is no script anywhere, so that none may run. */
export function securityHeaders({ isHttps, tenantOrigin, cspReportUrl }: SecurityHeadersOptions): RequestHandler {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'form-action': ["'self'", tenantOrigin],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
        // The second is for browsers that do not know the first.
        ...(cspReportUrl && { 'report-to': ['csp'], 'report-uri': [cspReportUrl] }),
      },
    },
    strictTransportSecurity: isHttps && { maxAge: 365 * 24 * 60 * 60, includeSubDomains: true },
    // `no-referrer` would make browsers send `Origin: null` with our own forms.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  if (!cspReportUrl) return headers;
  return (request, response, next) => {
    response.setHeader('Reporting-Endpoints', `csp="${cspReportUrl}"`);
    headers(request, response, next);
  };
}

/** Pages are for one customer, at one moment: no cache keeps them, and the back button shows nothing after sign-out. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** The request did not come by the app's own address. */
export class WrongAddress extends Error {
  override readonly name = 'WrongAddress';
  readonly status = 421;
}

/**
 * Answers only under the app's own name, and over https where that is the app's address. Redirect URIs come
 * from the configuration and never from the request; this keeps links and cookies to one name as well.
 * @param baseUrl the app's own origin
 */
export function ownAddressOnly(baseUrl: string): RequestHandler {
  const { hostname, protocol } = new URL(baseUrl);
  return (request, response, next) => {
    const names = request.headersDistinct.host ?? [];
    // Express' own `hostname` lets anything pass for the port.
    const name = request.host?.toLowerCase().replace(/:\d*$/, '');
    if (names.length > 1 || name !== hostname) {
      next(new WrongAddress('the request names another host'));
    } else if (protocol === 'http:' || request.secure) {
      next();
    } else if (/https/i.test(request.get('X-Forwarded-Proto') ?? '')) {
      // Redirecting to https would come back here without end: a proxy terminates TLS, and is not trusted to say so.
      next(new WrongAddress('a proxy says https, but TRUST_PROXY does not count it'));
    } else if (/^(?:GET|HEAD)$/.test(request.method) && request.originalUrl.startsWith('/')) {
      // A request line may also hold a whole URL (RFC 9112, section 3.2.2), which would become part of our host name.
      response.redirect(308, baseUrl + request.originalUrl);
    } else {
      next(new WrongAddress('the request came over http'));
    }
  };
}

/** A page that only a person may open was asked for by a picture, a frame or a script. */
export class NotNavigated extends Error {
  override readonly name = 'NotNavigated';
  readonly status = 403;
}

/**
 * Lets through what a browser shows in a tab of its own. Otherwise another site's pictures could begin sign-ins, push out
 * the one that the customer has open, and use up the customer's rate limit.
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header
 */
export const navigationOnly: RequestHandler = (request, _response, next) => {
  const destination = request.get('Sec-Fetch-Dest');
  const isPage = destination === undefined || destination === 'document';
  next(isPage ? undefined : new NotNavigated('a page of its own was loaded into another'));
};
