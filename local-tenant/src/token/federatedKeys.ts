import { createLocalJWKSet } from 'jose';
import { z } from 'zod';

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/**
 * Reads another issuer's keys by way of its metadata. Issuers without https are asked on this machine only.
 * @param fetchJson returns undefined when there is no usable answer
 * @returns undefined when the keys cannot be read.
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
export async function fetchKeys(issuer: string, fetchJson: (url: string) => Promise<unknown> = getJson) {
  const read = async (url: string) => (isTrusted(new URL(url)) ? fetchJson(url) : undefined);
  const metadata = discovery.safeParse(
    await read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
  ).data;
  if (metadata?.issuer !== issuer) return undefined;
  const keys = keySet.safeParse(await read(metadata.jwks_uri)).data;
  return keys && createLocalJWKSet(keys);
}

function isTrusted({ protocol, hostname }: URL): boolean {
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback);
}

async function getJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5_000) });
    return response.status === 200 ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
