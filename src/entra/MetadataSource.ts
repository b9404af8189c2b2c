import { z } from 'zod';
import type { HttpClient } from '../runtime/httpClient.ts';
import { LastGood } from '../runtime/LastGood.ts';
import { errorFields, type Logger } from '../runtime/logger.ts';
import { parseJson } from '../runtime/parseJson.ts';
import { isLoopback } from '../runtime/settings.ts';
import { issuerOf, type TenantSettings, tenantAuthority } from './authority.ts';

/** The part of MSAL's `auth` options that names the tenant. MSAL then fetches nothing. */
export interface MsalAuthority {
  /** `https://{host}/{tenant id}`; https even for an http local tenant, because MSAL refuses http authorities. */
  readonly authority: string;
  /** `host:port` of the authority. */
  readonly knownAuthorities: string[];
  /** The trimmed document as JSON. MSAL does not check it, so it must be validated. */
  readonly authorityMetadata: string;
}

/** The tenant's discovery document, validated, and what MSAL needs of it. */
export interface TenantMetadata {
  readonly tenantId: string;
  readonly issuer: string;
  readonly msalAuthority: MsalAuthority;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly endSessionEndpoint: string;
  /** Whether the tenant promises an `iss` in every answer to an authorization request (RFC 9207); Entra does not. */
  readonly promisesIss: boolean;
}

/** The tenant is unavailable, or its metadata is not trustworthy. */
export class TenantUnavailable extends Error {
  override readonly name = 'TenantUnavailable';
  readonly status = 503;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { retryAfterSeconds, cause }: { retryAfterSeconds?: number; cause?: unknown } = {}) {
    super(message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const retryMs = 500;

/** Fetches the tenant's metadata in the background and keeps the last known good one. */
export class MetadataSource {
  readonly #metadata: LastGood<TenantMetadata>;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { readonly settings: TenantSettings; readonly http: HttpClient; readonly log: Logger }) {
    const { settings, http, log } = options;
    this.#metadata = new LastGood({
      read: async () => {
        // A tenant id that was learnt once is as binding as a configured one.
        const tenantId = settings.tenantId ?? this.#metadata.value?.tenantId;
        const metadata = await fetchMetadata({ ...settings, tenantId }, http);
        if (!tenantId) {
          log.warn('TENANT_ID is not set and was learnt from the tenant; pin it', { TENANT_ID: metadata.tenantId });
        }
        if (!this.#metadata.value) log.info('The tenant answers', { issuer: metadata.issuer });
        return metadata;
      },
      onFailure: (error) => log.error('Tenant metadata unavailable or unusable; retrying', errorFields(error)),
      freshMs: 12 * 3_600_000,
      retryMs,
      longestRetryMs: 30_000,
    });
  }

  /** Fetches now and then every 12 hours; after failures, with a pause that grows from 0.5 to 30 s. */
  start(): void {
    this.stop();
    void this.#metadata.refresh();
    this.#timer = setInterval(() => void this.#metadata.refreshIfDue(), retryMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  ready(): boolean {
    return this.#metadata.value !== undefined;
  }

  /** @throws {TenantUnavailable} while there is none. Such a call fetches at once, unless that has just failed. */
  current(): TenantMetadata {
    if (this.#metadata.value) return this.#metadata.value;
    void this.#metadata.refreshOnDemand(retryMs);
    throw new TenantUnavailable('The tenant has not answered yet');
  }
}

const issuerForm = /^https:\/\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.ciamlogin\.com\//;

const endpoint = z.url({ normalize: true });
const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  jwks_uri: endpoint,
  end_session_endpoint: endpoint,
  authorization_response_iss_parameter_supported: z.boolean().default(false),
});

/**
 * Fetches the discovery document and validates it: the issuer exactly, and every endpoint on the tenant's own origin.
 * @throws {TenantUnavailable} when it is unavailable or not trustworthy; the message says why.
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation
 */
export async function fetchMetadata(settings: TenantSettings, http: HttpClient): Promise<TenantMetadata> {
  const { origin, metadataUrl } = tenantAuthority(settings);
  if (!origin.startsWith('https:') && !isLoopback(metadataUrl)) {
    throw new TenantUnavailable(`${metadataUrl} is not https`);
  }
  const request = { method: 'GET', url: metadataUrl, headers: { accept: 'application/json' } } as const;
  const { status, body } = await http.request(request).catch((cause: unknown) => {
    throw new TenantUnavailable(`${metadataUrl} cannot be fetched`, { cause });
  });
  if (status !== 200) throw new TenantUnavailable(`${metadataUrl} answered ${status}`);
  const { data: document, error } = discovery.safeParse(parseJson(body));
  if (!document) throw new TenantUnavailable(`${metadataUrl} is not a discovery document`, { cause: error });
  const { authorization_response_iss_parameter_supported: promisesIss, issuer, ...endpoints } = document;
  const tenantId = tenantIdOf(issuer, settings.tenantId);
  for (const [name, value] of Object.entries(endpoints)) {
    const url = new URL(value);
    if (url.origin !== origin || url.username || url.password || url.hash) {
      throw new TenantUnavailable(`The tenant names a ${name} that is not on ${origin}`);
    }
  }
  return {
    tenantId,
    issuer,
    msalAuthority: msalAuthorityOf(new URL(origin).host, tenantId, { issuer, ...endpoints }),
    authorizationEndpoint: endpoints.authorization_endpoint,
    tokenEndpoint: endpoints.token_endpoint,
    jwksUri: endpoints.jwks_uri,
    endSessionEndpoint: endpoints.end_session_endpoint,
    promisesIss,
  };
}

/** @param document what MSAL may know of the tenant, validated */
export function msalAuthorityOf(host: string, tenant: string, document: object): MsalAuthority {
  const authority = `https://${host}/${tenant}`;
  return { authority, knownAuthorities: [host], authorityMetadata: JSON.stringify(document) };
}

function tenantIdOf(issuer: string, expected: string | undefined): string {
  const tenantId = expected ?? issuerForm.exec(issuer)?.[1];
  if (tenantId && issuer === issuerOf(tenantId)) return tenantId;
  throw new TenantUnavailable(
    `The tenant names the issuer ${issuer.slice(0, 200)}, not ${issuerOf(expected ?? '{tenant id}')}`,
  );
}
