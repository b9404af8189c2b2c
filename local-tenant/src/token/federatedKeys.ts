import { createLocalJWKSet } from 'jose';
import { z } from 'zod';
import { type HttpClient, HttpClientError } from '../../../src/runtime/httpClient.ts';

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/**
 * Reads another issuer's keys by way of its metadata; undefined when they cannot be had. An issuer without https is
 * asked on this machine only.
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
export async function fetchKeys(http: HttpClient, issuer: string) {
  const metadata = discovery.safeParse(
    await getJson(http, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`),
  ).data;
  if (metadata?.issuer !== issuer) return undefined;
  const keys = keySet.safeParse(await getJson(http, metadata.jwks_uri)).data;
  return keys && createLocalJWKSet(keys);
}

async function getJson(http: HttpClient, url: string): Promise<unknown> {
  const { protocol, hostname } = new URL(url);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback)) return undefined;
  try {
    const { status, body } = await http.request({ method: 'GET', url });
    return status === 200 ? JSON.parse(body) : undefined;
  } catch (error) {
    if (error instanceof HttpClientError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
