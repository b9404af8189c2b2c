import { z } from 'zod';
import type { HttpClient } from '../runtime/httpClient.ts';
import { LastGood } from '../runtime/LastGood.ts';
import { errorFields, type Logger } from '../runtime/logger.ts';
import { parseJson } from '../runtime/parseJson.ts';
import { isLoopback } from '../runtime/settings.ts';
import { issuerOf, type TenantSettings, tenantAuthority } from './authority.ts';

/** The tenant's discovery document, validated, and what MSAL needs of it. */
export interface TenantMetadata {
  readonly tenantId: string;
  readonly issuer: string;
  /** `https://{host}/{tenant id}` for MSAL; https even for an http local tenant, because MSAL refuses http authorities. */
  readonly authority: string;
  /** `host:port` of the authority. */
  readonly knownAuthority: string;
  /** The trimmed document as JSON. MSAL does not check it, so it must be validated. */
  readonly authorityMetadata: string;
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

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  end_session_endpoint: z.url(),
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
  const tenantId = tenantIdOf(document.issuer, settings.tenantId);
  const endpoint = (name: 'authorization_endpoint' | 'token_endpoint' | 'jwks_uri' | 'end_session_endpoint') => {
    const url = new URL(document[name]);
    if (url.origin === origin && !url.username && !url.password && !url.hash) return url.href;
    throw new TenantUnavailable(`The tenant names a ${name} that is not on ${origin}`);
  };
  const trimmed = {
    issuer: document.issuer,
    authorization_endpoint: endpoint('authorization_endpoint'),
    token_endpoint: endpoint('token_endpoint'),
    jwks_uri: endpoint('jwks_uri'),
    end_session_endpoint: endpoint('end_session_endpoint'),
  };
  const knownAuthority = new URL(origin).host;
  return {
    tenantId,
    issuer: trimmed.issuer,
    authority: `https://${knownAuthority}/${tenantId}`,
    knownAuthority,
    authorityMetadata: JSON.stringify(trimmed),
    authorizationEndpoint: trimmed.authorization_endpoint,
    tokenEndpoint: trimmed.token_endpoint,
    jwksUri: trimmed.jwks_uri,
    endSessionEndpoint: trimmed.end_session_endpoint,
    promisesIss: document.authorization_response_iss_parameter_supported,
  };
}

function tenantIdOf(issuer: string, expected: string | undefined): string {
  const tenantId = expected ?? issuerForm.exec(issuer)?.[1];
  if (tenantId && issuer === issuerOf(tenantId)) return tenantId;
  throw new TenantUnavailable(
    `The tenant names the issuer ${issuer.slice(0, 200)}, not ${issuerOf(expected ?? '{tenant id}')}`,
  );
}
