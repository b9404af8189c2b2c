import type { Clock } from './Clock.ts';

const entriesBetweenSweeps = 500;

/** A map whose entries expire by the tenant's clock. */
export class ExpiringMap<Value> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  #setsUntilSweep = entriesBetweenSweeps;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry && this.#isAlive(entry) ? entry.value : undefined;
  }

  set(key: string, value: Value, lifetimeSeconds: number): void {
    this.#entries.set(key, { value, expiresAt: this.#clock.nowSeconds() + lifetimeSeconds });
    this.#setsUntilSweep -= 1;
    if (this.#setsUntilSweep <= 0) this.#sweep();
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  values(): Value[] {
    return [...this.#entries.values()].filter((entry) => this.#isAlive(entry)).map((entry) => entry.value);
  }

  #isAlive({ expiresAt }: { readonly expiresAt: number }): boolean {
    return expiresAt > this.#clock.nowSeconds();
  }

  #sweep(): void {
    this.#setsUntilSweep = entriesBetweenSweeps;
    for (const [key, entry] of this.#entries) if (!this.#isAlive(entry)) this.#entries.delete(key);
  }
}
