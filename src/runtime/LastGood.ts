interface LastGoodOptions<Value> {
  readonly read: () => Promise<Value>;
  /** Called when a read fails, once for as long as the message stays the same. */
  readonly onFailure: (error: Error) => void;
  /** How old a value may become before it is read again. */
  readonly freshMs: number;
  /** The pause after a failed read; each further failure doubles it, up to `longestRetryMs`. */
  readonly retryMs: number;
  readonly longestRetryMs: number;
  /** Milliseconds on a clock that is never set back; default: since the process began. */
  readonly now?: (() => number) | undefined;
}

/** A value that is read again and again. The last known good one stays while reads fail. Callers share one read. */
export class LastGood<Value> {
  readonly #options: LastGoodOptions<Value>;
  readonly #now: () => number;
  #value: Value | undefined;
  #failure: Error | undefined;
  #failuresInARow = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;
  #demandedAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(options: LastGoodOptions<Value>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get value(): Value | undefined {
    return this.#value;
  }

  /** Why the last read failed; undefined when it succeeded. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Infinite while there is no value. */
  get ageMs(): number {
    return this.#now() - this.#readAt;
  }

  /** Whether a read failed so recently that the next one has to wait. */
  get isPausing(): boolean {
    const pauseMs = this.#options.retryMs * 2 ** (this.#failuresInARow - 1);
    return this.#now() - this.#failedAt < Math.min(pauseMs, this.#options.longestRetryMs);
  }

  /** Reads now, or joins the read under way. Never rejects; see `failure`. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async refreshIfDue(): Promise<void> {
    if (this.ageMs >= this.#options.freshMs && !this.isPausing) await this.refresh();
  }

  /** Reads because the value does not serve a caller, at most once per `pauseMs`: a flood of callers causes one read. */
  async refreshOnDemand(pauseMs: number): Promise<void> {
    if (!this.#reading && this.#now() - this.#demandedAt >= pauseMs) {
      this.#demandedAt = this.#now();
      void this.refresh();
    }
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      this.#value = await this.#options.read();
      this.#readAt = this.#now();
      this.#failedAt = Number.NEGATIVE_INFINITY;
      this.#failuresInARow = 0;
      this.#failure = undefined;
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error('cannot be read', { cause: thrown });
      const isNews = error.message !== this.#failure?.message;
      this.#failedAt = this.#now();
      this.#failuresInARow += 1;
      this.#failure = error;
      if (isNews) this.#options.onFailure(error);
    }
  }
}
