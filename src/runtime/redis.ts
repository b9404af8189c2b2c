import { createClient, createCluster, RESP_TYPES } from 'redis';
import { errorFields, type Logger } from './logger.ts';
import { type ProbeCommand, redisRemedy, refusalOf } from './redisProbe.ts';

export interface RedisOptions {
  /** Reply with bytes instead of text. */
  readonly inBytes?: boolean;
}

/** One connection to a server, or one to each node of a cluster. */
interface Target {
  send<Reply>(key: string, command: readonly (string | Buffer)[], options: RedisOptions): Promise<Reply>;
  isReady(): boolean;
  /** Whether it has given up. */
  isClosed(): boolean;
  destroy(): void;
}

interface TargetEvents {
  readonly onError: (error: unknown) => void;
  readonly onReady: () => void;
}

type Open = (url: string, events: TargetEvents) => Target;

const replaceEveryMs = 1_000;
const reportEveryMs = 600_000;
const checkEveryMs = 2_000;

/**
 * Redis, as one server or as a cluster. Commands succeed or fail within about a second, whatever state Redis is in.
 * It keeps reconnecting for as long as the process lives. While Redis is unavailable, commands fail at once.
 */
export class RedisConnection {
  readonly #url: string;
  readonly #log: Logger;
  #target: Target;
  #isAvailable: boolean | undefined;
  #connectionError: unknown;
  #replacedAt = Number.NEGATIVE_INFINITY;
  readonly #reportedAt = new Map<string, number>();
  #check: { readonly endsAt: number; readonly outcome: Promise<void> } | undefined;

  /** @param url `redis://` or `rediss://` (TLS) */
  constructor(url: string, log: Logger) {
    this.#url = url;
    this.#log = log;
    this.#target = this.#open(openClient);
  }

  get isReady(): boolean {
    return this.#target.isReady();
  }

  /**
   * Sends a command about one key. A `MOVED` error shows that Redis is a cluster, so the command is sent again there.
   * `READONLY` shows that the server has become a replica: only a new connection leads to the new primary.
   */
  async send<Reply>(key: string, command: readonly (string | Buffer)[], options: RedisOptions = {}): Promise<Reply> {
    const target = this.#target;
    try {
      return await target.send<Reply>(key, command, options);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === 'MOVED') {
        this.#replace(target, openCluster, error);
        if (this.#target !== target) return await this.send<Reply>(key, command, options);
      }
      if (refusal === 'READONLY' || target.isClosed()) this.#replace(target, openClient, error);
      if (refusal) this.#report(refusal, error);
      throw refusal || target.isReady() ? error : (this.#connectionError ?? error);
    }
  }

  /**
   * Tries the commands of a probe, at most once in two seconds.
   * @throws the first refusal
   */
  async check(probe: () => readonly ProbeCommand[]): Promise<void> {
    const now = performance.now();
    if (!this.isReady) return await this.#try(probe());
    if (this.#check && now < this.#check.endsAt) return await this.#check.outcome;
    const outcome = this.#try(probe());
    this.#check = { endsAt: now + checkEveryMs, outcome };
    await outcome;
  }

  destroy(): void {
    this.#target.destroy();
  }

  async #try(commands: readonly ProbeCommand[]): Promise<void> {
    // One after the other: a script is loaded before it is run, and a value written before it is read.
    for (const { key, command } of commands) await this.send(key, command);
  }

  #open(open: Open): Target {
    return open(this.#url, {
      onError: (error) => {
        this.#connectionError = error;
        const refusal = refusalOf(error);
        if (refusal) return this.#report(refusal, error);
        if (this.#isAvailable !== false) this.#log.error('Redis unavailable; reconnecting', errorFields(error));
        this.#isAvailable = false;
      },
      onReady: () => {
        this.#connectionError = undefined;
        if (!this.#isAvailable) {
          this.#log.info(this.#isAvailable === false ? 'Redis available again' : 'Redis connected');
        }
        this.#isAvailable = true;
      },
    });
  }

  /** Replaces the target once for all commands that met its error, at most once a second. */
  #replace(target: Target, open: Open, cause: unknown): void {
    const now = performance.now();
    if (this.#target !== target || now - this.#replacedAt < replaceEveryMs) return;
    this.#replacedAt = now;
    this.#connectionError = cause;
    this.#target = this.#open(open);
    target.destroy();
  }

  /** Each customer's request may meet the same refusal; the log needs it once. */
  #report(refusal: string, error: unknown): void {
    const now = performance.now();
    if (now - (this.#reportedAt.get(refusal) ?? Number.NEGATIVE_INFINITY) < reportEveryMs) return;
    this.#reportedAt.set(refusal, now);
    this.#log.error(`Redis answers ${refusal}: ${redisRemedy(refusal)}`, errorFields(error));
  }
}

const socket = {
  connectTimeout: 1_000,
  socketTimeout: 1_000,
  reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 5), 1_000) + Math.random() * 50,
};

/**
 * No offline queue, and a ping that reveals a frozen Redis after one second. With its defaults, node-redis would wait
 * for it indefinitely, or stop reconnecting.
 * @see https://github.com/redis/node-redis/blob/master/docs/client-configuration.md
 * @see https://github.com/redis/node-redis/issues/1358
 */
const options = { disableOfflineQueue: true, commandsQueueMaxLength: 10_000, pingInterval: 400 };

/** node-redis sets a timer for each command by default, which covers only queued commands; there is no queue. */
const text = { timeout: 0 };
const bytes = { timeout: 0, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

function openClient(url: string, { onError, onReady }: TargetEvents): Target {
  const client = createClient({ ...options, url, socket });
  client.on('error', onError).on('ready', onReady);
  void client.connect().catch(onError);
  return {
    send: (_key, command, { inBytes }) => client.sendCommand(command, inBytes ? bytes : text),
    isReady: () => client.isReady,
    isClosed: () => !client.isOpen,
    destroy: () => client.destroy(),
  };
}

/** All nodes have the credentials and the TLS name of the URL; a cluster names its nodes by addresses. */
function openCluster(url: string, { onError, onReady }: TargetEvents): Target {
  const { protocol, hostname, username, password } = new URL(url);
  const cluster = createCluster({
    rootNodes: [{ url }],
    defaults: {
      ...options,
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
      socket: protocol === 'rediss:' ? { ...socket, tls: true, servername: hostname } : socket,
    },
    // Connects to a node with its first command, so that a node which is down takes no other with it.
    minimizeConnections: true,
    topologyRefreshOnReconnectionAttemptStrategy: 1_000,
  });
  cluster.on('error', onError).on('node-error', onError).on('node-ready', onReady);
  const connected = cluster.connect();
  // The cause came as an error event; commands get the rejection.
  connected.catch(() => {});
  return {
    async send<Reply>(key: string, command: readonly (string | Buffer)[], { inBytes }: RedisOptions) {
      await connected;
      return await inTime(cluster.sendCommand<Reply>(key, false, [...command], inBytes ? bytes : text));
    },
    isReady: () => cluster.isReady,
    isClosed: () => !cluster.isOpen,
    destroy: () => cluster.destroy(),
  };
}

/** node-redis waits indefinitely for the first connection to a node. */
async function inTime<Reply>(reply: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('A node of the Redis cluster does not answer')), 1_500);
  });
  return await Promise.race([reply, tooLate]).finally(() => clearTimeout(timer));
}
