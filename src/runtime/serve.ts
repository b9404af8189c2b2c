import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Express } from 'express';
import { answerClientError, refusalHeaders } from './clientError.ts';
import type { Logger } from './logger.ts';

export interface ServeOptions {
  readonly port: number;
  /** The address to listen on; default: all. */
  readonly host?: string;
  /** Gets the requests that are refused before the app sees them. */
  readonly log?: Pick<Logger, 'warn'>;
  /** Called once at the stop signal, before connections are drained. */
  readonly onStopping?: () => void;
  /** Called after the last connection closed: release Redis, timers. */
  readonly onStopped?: () => Promise<void> | void;
}

export interface RunningServer {
  readonly port: number;
  /** Stops accepting connections, gives requests in flight 10 s to finish, then closes. Safe to call twice. */
  stop(): Promise<void>;
}

/** In milliseconds. */
const timeLimits = {
  // Longer than a load balancer keeps its side open (60 s or less on App Service), so that it closes first.
  keepAliveTimeout: 65_000,
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  // Node's default is 30 s, which would triple the time that slow senders get.
  connectionsCheckingInterval: 1_000,
};

/** From the moment a request's handler begins. A client that reads slowly would hold the answer for hours. */
const responseMs = 60_000;
const drainMs = 10_000;
const stopDeadlineMs = 15_000;

/**
 * Listens with an Express app and resolves when connections are accepted.
 * @throws {Error} with what to do when the port is taken or not permitted.
 */
export async function serve(app: Express, options: ServeOptions): Promise<RunningServer> {
  const server = createAppServer(app, { log: options.log });
  await listen(server, options);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= drain(server, options);
    return stopping;
  };
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : options.port, stop };
}

interface AppServerOptions {
  readonly log?: Pick<Logger, 'warn'> | undefined;
  /** The time for a whole response; default: 60 s. */
  readonly responseMs?: number;
}

/**
 * Creates an HTTP server whose requests and responses have Express' prototypes from the start. Express would swap both
 * prototypes on every request, and V8 would leave its fast paths: on Node 20 that costs three to four times the
 * throughput. Mounted sub-apps would swap them again, so use routers.
 * @see https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 */
export function createAppServer(app: Express, options: AppServerOptions = {}): Server {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {
    // Node calls this for every response. Without it, a connection with a request in flight at the stop signal would be
    // kept alive afterwards and delay the shutdown.
    override writeHead(...given: unknown[]): this {
      if (!server.listening) this.shouldKeepAlive = false;
      return Reflect.apply(super.writeHead, this, given);
    }
  }
  app.request = Object.setPrototypeOf(AppRequest.prototype, app.request);
  app.response = Object.setPrototypeOf(AppResponse.prototype, app.response);
  const latest = new WeakMap<Duplex, ServerResponse>();
  const server: Server = createServer(
    {
      IncomingMessage: AppRequest,
      ServerResponse: AppResponse,
      // Node would refuse requests without a Host itself, without our headers.
      requireHostHeader: false,
      ...timeLimits,
    },
    (request, response) => {
      const before = latest.get(request.socket);
      latest.set(request.socket, response);
      // Disconnect clients that ask for a third response before they have the first. No browser or proxy does, and Node
      // would hold any number of requests for them.
      if (before && !before.writableFinished && !before.socket) return void request.socket.destroy();
      disconnectAfter(options.responseMs ?? responseMs, response);
      const hasHost = request.headers.host !== undefined || request.httpVersion === '1.0';
      if (isTarget(request.url ?? '') && hasHost) app(request, response);
      else response.writeHead(400, refusalHeaders).end();
    },
  );
  server.on('checkExpectation', (_request, response) => response.writeHead(417, refusalHeaders).end());
  server.on('clientError', (error, socket) => answerClientError(error, socket, latest.get(socket), options.log));
  return server;
}

function disconnectAfter(ms: number, response: ServerResponse): void {
  const deadline = setTimeout(() => response.req.socket.destroy(), ms).unref();
  response.once('close', () => clearTimeout(deadline));
}

const originForm = /^(?:\/[^#]*|\*)$/;
const absoluteForm = /^https?:\/\/(?:[\w.:-]*@)?(?:[\w.-]+|\[[\da-f:.]+\])(?::\d*)?(?:[/?][^#]*)?$/i;

/**
 * Whether a request's target has a path. Express finds none in targets such as `foo://x`, `http://[` and `//a@#`: they
 * would skip all middleware, the request log included, and be answered by Express itself.
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 */
function isTarget(target: string): boolean {
  return originForm.test(target) || (absoluteForm.test(target) && URL.canParse(target));
}

/**
 * Waits for SIGTERM or SIGINT, shuts the server down gracefully and resolves with the exit code: 0 when every open
 * request was answered, 1 after a second signal or 15 s.
 */
export function stopOnSignal(running: RunningServer, log: Logger): Promise<0 | 1> {
  return new Promise((resolve) => {
    let isStopping = false;
    const onSignal = (signal: string) => {
      if (isStopping) return resolve(1);
      isStopping = true;
      log.info(`${signal}: finishing open requests`);
      setTimeout(() => resolve(1), stopDeadlineMs).unref();
      void running.stop().then(() => resolve(0));
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

async function listen(server: Server, { port, host }: ServeOptions): Promise<void> {
  server.listen({ port, host });
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const reasons: Record<string, string> = {
      EADDRINUSE: `Port ${port} is taken by another program. Stop it, or set another PORT.`,
      EACCES: `Port ${port} needs more rights than this process has. Set PORT to a number above 1023.`,
    };
    throw new Error(reasons[error.code ?? ''] ?? `Cannot listen on port ${port}: ${error.message}`, { cause: error });
  });
}

async function drain(server: Server, { onStopping, onStopped }: ServeOptions): Promise<void> {
  onStopping?.();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearTimeout(cut);
  await onStopped?.();
}
