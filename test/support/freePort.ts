import { createServer } from 'node:net';

const given = new Set<number>();

/**
 * Finds a TCP port that nothing listens on. It lies below the range for outgoing connections (Linux: 32768 and
 * up), so that no such connection takes it before the program under test does.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (given.has(port) || !(await isPortFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error('No free port between 20000 and 32000 in 100 attempts');
}

/** Whether a program could listen on this port, on all addresses. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
