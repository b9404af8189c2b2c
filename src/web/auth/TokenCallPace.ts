import PQueue from 'p-queue';
import { TokenEndpointError } from '../../entra/msalNetwork.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../runtime/httpClient.ts';

const longestQueue = 50;
/** As long as a call itself may take. */
const longestWaitSeconds = 8;
const longestRetryAfterSeconds = 5;

/**
 * Limits token requests per second. Renewals go before sign-ins, because strangers can cause any number of sign-ins.
 * Entra counts token requests per address, and refuses all of them above its quota.
 * @see https://learn.microsoft.com/en-us/entra/external-id/customers/reference-service-limits
 */
export class TokenCallPace implements HttpClient {
  readonly #http: HttpClient;
  readonly #perSecond: number;
  readonly #queue: PQueue;

  constructor(http: HttpClient, perSecond: number) {
    this.#http = http;
    this.#perSecond = perSecond;
    this.#queue = new PQueue({ interval: 1_000, intervalCap: perSecond, strict: true });
  }

  /** @throws {TokenEndpointError} `unavailable` at once, when too many calls of the same kind are waiting */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const kind = { priority: isRenewal(request) ? 1 : 0 };
    const waiting = this.#queue.sizeBy(kind);
    if (waiting >= Math.min(longestQueue, this.#perSecond * longestWaitSeconds)) {
      const seconds = Math.min(Math.ceil(waiting / this.#perSecond), longestRetryAfterSeconds);
      throw new TokenEndpointError('unavailable', 'too many token requests are waiting', seconds);
    }
    return await this.#queue.add(() => this.#http.request(request), kind);
  }
}

function isRenewal({ body = '' }: HttpRequest): boolean {
  return new URLSearchParams(body).get('grant_type') === 'refresh_token';
}
