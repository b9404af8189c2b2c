import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { bareAnswers } from './bareAnswers.ts';
import type { Logger } from './logger.ts';

export interface ServeOptions {
  readonly port: number;
  /** The address to listen on; default: all. The local tenant listens on loopback only. */
  readonly host?: string;
  /** Whether browsers reach the app by https; default: no. */
  readonly isHttps?: boolean;
  readonly log: Logger;
  /** Called once when the process was told to stop, before connections are drained. */
  readonly onStopping?: () => void;
  /** Called after the last connection closed: release Redis, timers. */
  readonly onStopped?: () => Promise<void> | void;
}

export interface RunningServer {
  readonly port: number;
  /** Stops accepting, lets requests in flight finish for at most 10 s, then closes. Safe to call twice. */
  stop(): Promise<void>;
}

/** In milliseconds. */
const timeLimits = {
  // Longer than a load balancer keeps its side open (App Service: 60 s or less to a worker), so that it, not we, closes.
  keepAliveTimeout: 65_000,
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  // Node looks for connections past these two every 30 s only, which would triple what slow senders get.
  connectionsCheckingInterval: 1_000,
};

const drainMs = 10_000;
const stopDeadlineMs = 15_000;

/**
 * Listens with an Express app and resolves when connections are accepted.
 * @throws {Error} with what to do when the port is taken or not permitted.
 */
export async function serve(app: Express, options: ServeOptions): Promise<RunningServer> {
  const server = createAppServer(app, options);
  await listen(server, options);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= drain(server, options);
    return stopping;
  };
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : options.port, stop };
}

/**
 * An HTTP server whose requests and responses have Express' prototypes from the start. Express would
 * otherwise swap the prototype of both on every request, which makes V8 give up its fast paths: on
 * Node 20 that costs three to four times the throughput. Mounted sub-apps would swap it back: use routers.
 * @see https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 */
export function createAppServer(app: Express, { isHttps = false }: Pick<ServeOptions, 'isHttps'> = {}): Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {
    // Node calls this for every answer. A connection that had a request in flight when the server was told to stop
    // would otherwise be kept, idle, and hold the stop up until it is cut.
    override writeHead(...given: unknown[]): this {
      if (!server.listening) this.shouldKeepAlive = false;
      return Reflect.apply(super.writeHead, this, given);
    }
  }
  app.request = Object.setPrototypeOf(AppRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(AppResponse.prototype, app.response);
  const bare = bareAnswers({ isHttps });
  const latest = new WeakMap<Duplex, ServerResponse>();
  const server: Server = createServer(
    {
      IncomingMessage: AppRequest,
      ServerResponse: AppResponse,
      // Node would answer it itself, without our headers.
      requireHostHeader: false,
      ...timeLimits,
    },
    (request, response) => {
      const before = latest.get(request.socket);
      latest.set(request.socket, response);
      // No browser and no proxy asks for a third answer before it has the first, and Node would hold any number of them.
      if (before && !before.writableFinished && !before.socket) return void request.socket.destroy();
      const hasHost = request.headers.host !== undefined || request.httpVersion === '1.0';
      if (isTarget(request.url ?? '') && hasHost) app(request, response);
      else bare.answer(response, 400);
    },
  );
  // Who reads no answer is cut off; Node's default is to keep connection and answers for ever.
  server.timeout = 60_000;
  server.on('checkExpectation', (_request, response) => bare.answer(response, 417));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    bare.refuse(socket, error.code, latest.get(socket));
  });
  return server;
}

const originForm = /^(?:\/[^#]*|\*)$/;
const absoluteForm = /^https?:\/\/(?:[\w.:-]*@)?(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?(?:[/?][^#]*)?$/i;

/**
 * Whether a request's target has a path. One in which Express finds none, such as `foo://x`, `http://[` or `//a@#`, would
 * pass all middleware, the log included, and be answered by Express itself.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
function isTarget(target: string): boolean {
  return originForm.test(target) || (absoluteForm.test(target) && URL.canParse(target));
}

/**
 * Waits for SIGTERM or SIGINT, stops the server and resolves with the process' exit code: 0 when every open
 * request was answered, 1 after a second signal or 15 s.
 */
export function stopOnSignal(running: RunningServer, log: Logger): Promise<0 | 1> {
  return new Promise((resolve) => {
    let told = false;
    const onSignal = (signal: string) => {
      if (told) return resolve(1);
      told = true;
      log.info(`${signal}: finishing open requests`);
      setTimeout(() => resolve(1), stopDeadlineMs).unref();
      void running.stop().then(() => resolve(0));
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function listen(server: Server, { port, host }: ServeOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
    server.listen({ port, host }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function listenError(error: NodeJS.ErrnoException, port: number): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken by another program. Stop it, or set another PORT.`,
    EACCES: `Port ${port} needs more rights than this process has. Set PORT to a number above 1023.`,
  };
  return new Error(reasons[error.code ?? ''] ?? `Cannot listen on port ${port}: ${error.message}`, { cause: error });
}

async function drain(server: Server, { onStopping, onStopped }: ServeOptions): Promise<void> {
  onStopping?.();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(cut);
  await onStopped?.();
}
