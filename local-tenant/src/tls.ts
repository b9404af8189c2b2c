import { generateKeyPair } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import type { Express } from 'express';
import { selfSignedCertificate, toPem } from '../../src/runtime/certificate.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { type RunningServer, serve } from '../../src/runtime/serve.ts';
import type { Faults } from './faults/Faults.ts';
import { tlsFaults } from './faults/tlsFaults.ts';

export interface TlsServer extends RunningServer {
  /** What clients must trust, in PEM. */
  readonly certificate: string;
}

interface TlsOptions {
  readonly port: number;
  readonly log: Logger;
  readonly faults: Faults;
}

/**
 * Listens on this machine with TLS and a new certificate for localhost, and hands the connections on to a plain server
 * on a port of its own, so that nothing else is different from a tenant behind a proxy.
 * @throws {Error} with what to do when the port is taken.
 */
export async function serveWithTls(app: Express, { port, log, faults }: TlsOptions): Promise<TlsServer> {
  const [own, other] = await Promise.all([makeIdentity('localhost'), makeIdentity('another-host.invalid')]);
  const plain = await serve(app, { port: 0, host: 'localhost', log });
  const open = new Set<TLSSocket>();
  const chooseContext = (_name: string, use: (error: Error | null, context?: SecureContext) => void) =>
    use(null, faults.take(tlsFaults) === 'otherName' ? other.context : own.context);
  const front = createServer({ key: own.key, cert: own.certificate, SNICallback: chooseContext }, (socket) => {
    open.add(socket.on('close', () => open.delete(socket)));
    join(socket, connect({ port: plain.port, host: 'localhost' }));
  });
  await listen(front, port).catch(async (error: unknown) => {
    await plain.stop();
    throw error;
  });
  const stop = async () => {
    front.close();
    await plain.stop();
    for (const socket of open) socket.destroy();
  };
  const address = front.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    certificate: own.certificate,
    stop,
  };
}

/** Either side may vanish at any time; the other goes with it. */
function join(socket: TLSSocket, behind: Socket): void {
  socket.pipe(behind).pipe(socket);
  socket.on('error', () => behind.destroy()).on('close', () => behind.destroy());
  behind.on('error', () => socket.destroy());
}

async function makeIdentity(host: string) {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const certificate = toPem(selfSignedCertificate(privateKey, publicKey, `Local tenant (${host})`, { hosts: [host] }));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { certificate, key, context: createSecureContext({ key, cert: certificate }) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`Cannot listen on port ${port}: ${error.message}. Set another PORT.`, { cause: error })),
    );
    server.listen({ port, host: 'localhost' }, () => resolve());
  });
}
