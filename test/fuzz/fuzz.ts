import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';

/** A request, exactly as sent. */
export interface FuzzRequest {
  /** The program's origin. */
  readonly url: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface FuzzOptions {
  readonly requests: fc.Arbitrary<FuzzRequest | (() => Promise<FuzzRequest>)>;
  readonly perSecond: number;
  readonly seed: number;
  readonly forMs: number;
  /** Runs after each batch of requests. */
  readonly betweenBatches?: () => Promise<void>;
}

/** The answers. */
export interface FuzzResult {
  /** The number of answers by status; `cut` if the connection was closed without one. */
  readonly statuses: Map<string, number>;
  /** The first few forbidden answers, each with its request. */
  readonly failures: string[];
}

const atOnce = 8;
const answerMs = 15_000;
const mostFailures = 10;

/** Sends at least one batch of generated requests a second until the time is over, at most eight requests at once. */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const result: FuzzResult = { statuses: new Map(), failures: [] };
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const [startedAt, everyMs] = [performance.now(), 1000 / options.perSecond];
  for (let batch = 0; batch === 0 || performance.now() - startedAt < options.forMs; batch += 1) {
    const cases = fc.sample(options.requests, { numRuns: options.perSecond, seed: options.seed + batch });
    const batchAt = performance.now();
    let next = 0;
    const sendSome = async () => {
      for (let index = next++; index < cases.length; index = next++) {
        await delay(Math.max(0, batchAt + index * everyMs - performance.now()));
        const prepared = cases[index];
        const sent = typeof prepared === 'function' ? await prepared() : prepared;
        if (sent) note(result, sent, await outcome(sent, agent));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, sendSome));
    await options.betweenBatches?.();
  }
  agent.destroy();
  return result;
}

/** Every request of an outsider must get an answer below 500. */
function note({ statuses, failures }: FuzzResult, sent: FuzzRequest, status: string): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const isSound = status === 'cut' || Number(status) < 500;
  if (isSound || failures.length >= mostFailures) return;
  const { method, path, headers, body } = sent;
  failures.push(`${status}: ${JSON.stringify({ method, path, headers, body: body?.toString('latin1') })}`);
}

/** The status; `cut` without one, `unanswered` after 15 s. */
function outcome({ url, method, path, headers, body }: FuzzRequest, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const length = body && { 'content-length': String(body.length) };
    const signal = AbortSignal.timeout(answerMs);
    const failed = () => resolve(signal.aborted ? 'unanswered' : 'cut');
    const outgoing = request(url, { method, path, agent, signal, headers: { ...headers, ...length } }, (incoming) => {
      incoming.resume();
      incoming.on('end', () => resolve(String(incoming.statusCode)));
      incoming.on('error', failed);
    });
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
