import { TokenEndpointError } from '../../entra/msalNetwork.ts';
import { systemClock, type WaitingClock } from '../../entra/terminal/waiting.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../runtime/httpClient.ts';

const windowMs = 1_000;
const longestQueue = 50;
/** As long as a call itself may take. */
const longestWaitSeconds = 8;
const longestRetryAfterSeconds = 5;

/** Nothing ends a wait: each call that was let into the queue is made. */
const { signal: never } = new AbortController();

/**
 * Calls of the token endpoint, so many in any second and in the order in which they came; but who is signed in comes before
 * who signs in, because strangers can cause as many sign-ins as they like. Entra counts the calls per address they come
 * from, and refuses everybody's above its quota.
 * @see https://learn.microsoft.com/en-us/entra/external-id/customers/reference-service-limits
 */
export class TokenCallPace implements HttpClient {
  readonly #http: HttpClient;
  readonly #perSecond: number;
  readonly #clock: Pick<WaitingClock, 'now' | 'wait'>;
  readonly #renewals: (() => void)[] = [];
  readonly #signIns: (() => void)[] = [];
  /** When the latest calls were made, oldest first, as many as may be made in a second. */
  readonly #calledAt: number[] = [];
  #isPacing = false;

  constructor(http: HttpClient, perSecond: number, clock: WaitingClock = systemClock) {
    this.#http = http;
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  /** @throws {TokenEndpointError} `unavailable` at once, when too many calls of its kind wait already */
  async request(request: HttpRequest): Promise<HttpResponse> {
    const queue = isRenewal(request) ? this.#renewals : this.#signIns;
    // A queue moves on by this many a second, so that its length is the longest wait.
    if (queue.length >= Math.min(longestQueue, this.#perSecond * longestWaitSeconds)) {
      const seconds = Math.ceil(queue.length / this.#perSecond);
      const retryAfter = Math.min(Math.max(seconds, 1), longestRetryAfterSeconds);
      throw new TokenEndpointError('unavailable', 'too many calls wait for the token endpoint', retryAfter);
    }
    await new Promise<void>((resolve) => {
      queue.push(resolve);
      void this.#pace();
    });
    return await this.#http.request(request);
  }

  async #pace(): Promise<void> {
    if (this.#isPacing) return;
    this.#isPacing = true;
    while (this.#renewals.length + this.#signIns.length > 0) {
      const waitMs = this.#fullForMs();
      if (waitMs > 0) {
        await this.#clock.wait(waitMs, never);
      } else {
        this.#calledAt.push(this.#clock.now());
        if (this.#calledAt.length > this.#perSecond) this.#calledAt.shift();
        const next = this.#renewals.shift() ?? this.#signIns.shift();
        next?.();
      }
    }
    this.#isPacing = false;
  }

  #fullForMs(): number {
    const [oldest = 0] = this.#calledAt;
    return this.#calledAt.length < this.#perSecond ? 0 : oldest + windowMs - this.#clock.now();
  }
}

function isRenewal({ body = '' }: HttpRequest): boolean {
  return new URLSearchParams(body).get('grant_type') === 'refresh_token';
}
