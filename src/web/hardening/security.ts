import type { Request, RequestHandler } from 'express';
import helmet from 'helmet';

export interface SecurityHeadersOptions {
  readonly isHttps: boolean;
  /**
   * Where forms may lead besides this app: Chromium applies `form-action` to redirects, and the sign-out form is
   * redirected to the tenant (https://github.com/w3c/webappsec-csp/issues/8).
   */
  readonly tenantOrigin: string;
}

/** Sets the security headers of every answer. The app has no scripts, so none may run. */
export function securityHeaders({ isHttps, tenantOrigin }: SecurityHeadersOptions): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'form-action': ["'self'", tenantOrigin],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    strictTransportSecurity: isHttps && { maxAge: 365 * 24 * 60 * 60, includeSubDomains: true },
    // With `no-referrer` browsers would send `Origin: null` with our own forms.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
}

/**
 * Lets pages of these origins show the answer in a frame. No other answer of the app may be framed.
 * @param origins `https://contoso.ciamlogin.com`
 */
export function allowFraming(origins: readonly string[]): RequestHandler {
  const policy = `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ${origins.join(' ')}`;
  return (_request, response, next) => {
    response.setHeader('Content-Security-Policy', policy);
    // It cannot name an origin, and would forbid the frame in browsers that obey it.
    response.removeHeader('X-Frame-Options');
    next();
  };
}

/** Keeps pages out of caches: they are personal, and the back button must not show them after sign-out. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** The request was not sent to the app's own address. */
export class WrongAddress extends Error {
  override readonly name = 'WrongAddress';
  readonly status = 421;
  /** The app's own origin. */
  readonly baseUrl: string;

  constructor(message: string, baseUrl: string) {
    super(message);
    this.baseUrl = baseUrl;
  }
}

/**
 * Accepts requests for the app's own host only, and redirects http to https if `baseUrl` is https. Redirect URIs never
 * depend on the request; this keeps links and cookies to one host too.
 * @param baseUrl the app's own origin
 */
export function ownAddressOnly(baseUrl: string): RequestHandler {
  const { hostname, protocol } = new URL(baseUrl);
  const refusal = (message: string) => new WrongAddress(message, baseUrl);
  return (request, response, next) => {
    const names = request.headersDistinct.host ?? [];
    // Express's own `hostname` accepts anything as the port, and `host` may be that of X-Forwarded-Host alone.
    const foreign = [...names, request.host ?? ''].find((name) => nameOf(name) !== hostname);
    if (names.length > 1 || foreign !== undefined) {
      const came = (foreign ?? names.join(', ')).slice(0, longestLoggedHost);
      next(refusal(`the request names the host "${came}" instead of "${hostname}"`));
    } else if (isForeignTarget(request.originalUrl, hostname)) {
      next(refusal(`the request line names another host than "${hostname}"`));
    } else if (protocol === 'http:' || request.secure) {
      next();
    } else if (/https/i.test(request.get('X-Forwarded-Proto') ?? '')) {
      // A redirect to https would loop: a proxy ends TLS, but TRUST_PROXY does not trust its headers.
      next(refusal('a proxy says https, but TRUST_PROXY does not count it'));
    } else if (/^(?:GET|HEAD)$/.test(request.method) && request.originalUrl.startsWith('/')) {
      // A request line may hold a whole URL (RFC 9112, section 3.2.2), which would become part of our host name.
      response.redirect(308, baseUrl + request.originalUrl);
    } else {
      next(refusal('the request came over http'));
    }
  };
}

const longestLoggedHost = 100;

function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

/** Whether a request line that holds a whole URL (RFC 9112, section 3.2.2) names another host. */
function isForeignTarget(target: string, hostname: string): boolean {
  return URL.canParse(target) && new URL(target).hostname !== hostname;
}

/** An image, a frame or a script requested a page that only a person may open. */
export class NotNavigated extends Error {
  override readonly name = 'NotNavigated';
  readonly status = 403;
}

/** The browser loads the page in advance, before anybody has asked for it. */
export class Prefetched extends Error {
  override readonly name = 'Prefetched';
  readonly status = 503;
  readonly retryAfterSeconds = 0;
}

/** Another site's page opened the app without a click. */
export class NotClicked extends Error {
  override readonly name = 'NotClicked';
  readonly status = 403;
  /** The address that was opened. */
  readonly href: string;

  constructor(href: string) {
    super('another site opened the page without a click');
    this.href = href;
  }
}

/**
 * Accepts only requests for a page in a tab of its own. Otherwise images on another site could start sign-ins, displace
 * the customer's pending sign-ins, and use up the customer's rate limit.
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header
 */
export const navigationOnly: RequestHandler = (request, _response, next) => {
  const destination = request.get('Sec-Fetch-Dest');
  const isPage = destination === undefined || destination === 'document';
  if (isPrefetch(request)) next(new Prefetched('the page was requested in advance'));
  else next(isPage ? undefined : new NotNavigated('the page was loaded into another page'));
};

/** Accepts what is loaded into a frame. Browsers without `Sec-Fetch-Dest` and other clients are accepted too. */
export const frameOnly: RequestHandler = (request, _response, next) => {
  const destination = request.get('Sec-Fetch-Dest');
  const isFrame = destination === undefined || destination === 'iframe';
  next(isFrame ? undefined : new NotNavigated('the page was loaded elsewhere than in a frame'));
};

/** @see https://html.spec.whatwg.org/multipage/browsing-the-web.html#prefetch */
function isPrefetch(request: Request): boolean {
  return /\bprefetch\b/i.test(`${request.get('Sec-Purpose')} ${request.get('Purpose')} ${request.get('X-Moz')}`);
}

/**
 * Asks for a click where another site sent the browser here without one. Otherwise a page that keeps navigating itself
 * could start sign-ins, and use up the customer's limit. Browsers without `Sec-Fetch-User` are asked too.
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-user-header
 */
export const clickedOnly: RequestHandler = (request, _response, next) => {
  const isClicked = request.get('Sec-Fetch-Site') !== 'cross-site' || request.get('Sec-Fetch-User') === '?1';
  next(isClicked ? undefined : new NotClicked(request.originalUrl));
};
