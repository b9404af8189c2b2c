import type { CookieOptions, Request, Response } from 'express';
import {
  attemptId,
  maxPendingSignIns,
  type NewPendingSignIn,
  type PendingSignInSealer,
  pendingSignInSeconds,
} from '../auth/PendingSignInSealer.ts';

/** A browser of ours never has more than six; who sends hundreds is not worth the work. */
const mostConsidered = 20;

/** How long after a sign-in a further one counts as the next in a row. */
const rowSeconds = 60;

/** The browser's side of sign-ins: one sealed cookie an attempt, and how many were finished in a row. */
export class PendingSignInCookies {
  readonly #sealer: PendingSignInSealer;
  readonly #prefix: string;
  readonly #options: CookieOptions;

  constructor(sealer: PendingSignInSealer, { isHttps }: { isHttps: boolean }) {
    this.#sealer = sealer;
    this.#prefix = isHttps ? '__Host-signin.' : 'signin.';
    this.#options = { httpOnly: true, sameSite: 'lax', secure: isHttps, path: '/' };
  }

  /** Keeps an attempt in the browser; of more than five the oldest goes. */
  async add(request: Request, response: Response, attempt: NewPendingSignIn): Promise<void> {
    await this.#makeRoom(request, response);
    const sealed = await this.#sealer.seal(attempt);
    const maxAge = pendingSignInSeconds * 1000;
    response.cookie(this.#prefix + attemptId(attempt.state), sealed, { ...this.#options, maxAge });
  }

  /** The sealed attempt that a `state` belongs to, if this browser has one. */
  read(request: Request, state: string): string | undefined {
    return cookiesOf(request).get(this.#prefix + attemptId(state));
  }

  clear(response: Response, state: string): void {
    response.clearCookie(this.#prefix + attemptId(state), this.#options);
  }

  /** How many sign-ins in a row were finished in this browser, the last within a minute. */
  readRounds(request: Request): number {
    return Number(/^\d$/.exec(cookiesOf(request).get(`${this.#prefix}rounds`) ?? '')?.[0] ?? 0);
  }

  writeRounds(response: Response, rounds: number): void {
    response.cookie(`${this.#prefix}rounds`, String(rounds), { ...this.#options, maxAge: rowSeconds * 1000 });
  }

  clearRounds(response: Response): void {
    response.clearCookie(`${this.#prefix}rounds`, this.#options);
  }

  async #makeRoom(request: Request, response: Response): Promise<void> {
    const attempts = [...cookiesOf(request)].filter(([name]) => this.#isAttempt(name)).slice(0, mostConsidered);
    if (attempts.length < maxPendingSignIns) return;
    const dated = attempts.map(async ([name, sealed]) => ({ name, at: await this.#sealer.startedAt(sealed) }));
    const oldestFirst = (await Promise.all(dated)).sort((one, other) => one.at - other.at);
    const surplus = oldestFirst.slice(0, attempts.length - maxPendingSignIns + 1);
    for (const { name } of surplus) response.clearCookie(name, this.#options);
  }

  #isAttempt(name: string): boolean {
    return name.startsWith(this.#prefix) && /^[\w-]{16}$/.test(name.slice(this.#prefix.length));
  }
}

/** Our cookies hold nothing that needs decoding, so that the header is read as it stands. */
function cookiesOf(request: Request): Map<string, string> {
  const pairs = (request.headers.cookie ?? '').split(/; */);
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [name, value.join('=')] as const;
    }),
  );
}
