import { createServer, type RequestListener, type Server } from 'node:http';
import type { Server as NetServer } from 'node:net';
import { answerClientErrors } from './clientError.ts';
import type { Logger } from './logger.ts';

const drainMs = 10_000;

/**
 * Listens on this machine only.
 * @param app can come later, because a tenant's metadata names the port
 * @throws {Error} with what to do when the port is taken or not permitted.
 */
export async function serve(port: number, app?: RequestListener, log?: Logger) {
  const server = createServer({ keepAliveTimeout: 65_000 });
  answerClientErrors(server, log);
  const use = (handler: RequestListener) => void server.on('request', handler);
  if (app) use(app);
  const openPort = await listen(server, port);
  let stopping: Promise<void> | undefined;
  /** Stops accepting, gives open requests 10 s to finish, then closes. Safe to call twice. */
  const stop = () => {
    stopping ??= drain(server);
    return stopping;
  };
  return { port: openPort, use, stop };
}

/** @param host default: this machine's loopback name */
export function listen(server: NetServer, port: number, host = 'localhost'): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(listenError(error, port, host));
    server.once('error', fail);
    server.listen({ port, host }, () => {
      server.off('error', fail);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken by another program. Stop it, or set another PORT.`,
    EACCES: `Port ${port} needs more rights than this process has. Set PORT to a number above 1023, or on Linux allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
    EADDRNOTAVAIL: `This machine has no address ${host}. On macOS, add it: sudo ifconfig lo0 alias ${host}`,
  };
  return new Error(reasons[error.code ?? ''] ?? `Cannot listen on port ${port}: ${error.message}`, { cause: error });
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // close() ends idle connections once; those that finish a request later become idle after it.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
