import { generateKeyPair } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import type { Faults } from './faults/Faults.ts';
import { tlsFaults } from './faults/tlsFaults.ts';
import type { Logger } from './runtime/logger.ts';
import { selfSignedCertificate, toPem } from './runtime/selfSignedCertificate.ts';
import { listen, serve } from './runtime/serve.ts';

export type TlsServer = Awaited<ReturnType<typeof serveWithTls>>;

export interface TlsOptions {
  readonly faults: Faults;
  readonly log: Logger;
  /** The address to listen on; default: that of localhost. */
  readonly address?: string | undefined;
  /** The certificate's names besides localhost. */
  readonly hosts?: readonly string[];
}

/**
 * Listens on this machine with TLS and a new certificate. Connections are passed to a plain server on another port, as
 * behind a TLS proxy.
 * @throws {Error} with what to do when the port is taken.
 */
export async function serveWithTls(
  app: RequestListener,
  port: number,
  { faults, log, address, hosts = [] }: TlsOptions,
) {
  const [own, other] = await Promise.all([
    makeIdentity(['localhost', ...hosts]),
    makeIdentity(['another-host.invalid']),
  ]);
  const plain = await serve(0, app, log);
  const open = new Set<TLSSocket>();
  const chooseContext = (_name: string, use: (error: Error | null, context?: SecureContext) => void) =>
    use(null, faults.take(tlsFaults) === 'otherName' ? other.context : own.context);
  const front = createServer({ key: own.key, cert: own.certificate, SNICallback: chooseContext }, (socket) => {
    open.add(socket.on('close', () => open.delete(socket)));
    join(socket, connect({ port: plain.port, host: 'localhost' }));
  });
  const frontPort = await listen(front, port, address).catch(async (error: unknown) => {
    await plain.stop();
    throw error;
  });
  const stop = async () => {
    front.close();
    await plain.stop();
    for (const socket of open) socket.destroy();
  };
  return { port: frontPort, certificate: own.certificate, stop };
}

function join(socket: TLSSocket, behind: Socket): void {
  socket.pipe(behind).pipe(socket);
  socket.on('error', () => behind.destroy()).on('close', () => behind.destroy());
  behind.on('error', () => socket.destroy());
}

async function makeIdentity(hosts: readonly string[]) {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const certificate = toPem(selfSignedCertificate(privateKey, publicKey, `Local tenant (${hosts[0]})`, hosts));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { certificate, key, context: createSecureContext({ key, cert: certificate }) };
}
