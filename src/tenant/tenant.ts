import type { Provider } from 'oidc-provider';
import { createHttpClient, type HttpClient } from '../runtime/httpClient.ts';
import type { Logger } from '../runtime/logger.ts';
import { CustomerDirectory } from './CustomerDirectory.ts';
import { Clock } from './clock.ts';
import type { TenantConfig } from './config.ts';
import { DeviceCodes } from './DeviceCodes.ts';
import { ExpiringMap } from './ExpiringMap.ts';
import { issuerOf } from './entraDialect.ts';
import { Faults } from './faults.ts';
import { Inbox } from './inbox.ts';
import { createProvider } from './provider.ts';
import { createProviderStore, type ProviderStore } from './providerStore.ts';
import { RefreshTokens } from './refreshTokens.ts';
import { parseDocument, type WrittenCustomer, type WrittenDocument } from './registrations/document.ts';
import { Registrations } from './registrations/Registrations.ts';
import { TenantFile } from './registrations/TenantFile.ts';
import { SigningKeys } from './SigningKeys.ts';
import { seed } from './seed.ts';
import { PasswordLock } from './userFlows/PasswordLock.ts';
import type { Progress } from './userFlows/visit.ts';

/** All that one local tenant keeps; two tenants in one process share nothing. */
export interface Tenant {
  readonly config: TenantConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly registrations: Registrations;
  readonly customers: CustomerDirectory;
  /** The document as it was written, but for the customers, who come and change. */
  readonly written: WrittenDocument;
  readonly faults: Faults;
  readonly inbox: Inbox;
  readonly keys: SigningKeys;
  /** Sessions, interactions and codes. */
  readonly store: ProviderStore;
  readonly provider: Provider;
  readonly refreshTokens: RefreshTokens;
  readonly deviceCodes: DeviceCodes;
  /** Reads the keys of other issuers, whose assertions apps prove themselves with. */
  readonly httpClient: HttpClient;
  /** Codes that were exchanged for tokens. */
  readonly redeemedCodes: ExpiringMap<true>;
  /** How far customers have come on the pages, by interaction. */
  readonly progress: ExpiringMap<Progress>;
  readonly passwordLock: PasswordLock;
  /** How many token requests were answered with tokens, by their `grant_type`. */
  readonly tokenAnswers: Map<string, number>;
  readonly lifetimes: {
    /** Seconds; undefined: random, as Entra's. */
    accessToken: number | undefined;
  };
}

/** @throws {SettingsError} when TENANT_FILE cannot be used. */
export async function createTenant(config: TenantConfig, log: Logger): Promise<Tenant> {
  const clock = new Clock();
  const store = createProviderStore(clock);
  const { written, registrations, customers } = await loadDocument(config, log);
  const keys = new SigningKeys(issuerOf(config));
  const faults = new Faults(clock);
  return {
    config,
    log,
    clock,
    registrations,
    customers,
    written,
    keys,
    store,
    faults,
    inbox: new Inbox(log),
    provider: createProvider({ config, registrations, customers, store, faults, log }),
    refreshTokens: new RefreshTokens(clock),
    deviceCodes: new DeviceCodes(clock),
    httpClient: createHttpClient({ timeoutMs: 5_000, maxBodyBytes: 1_000_000 }),
    redeemedCodes: new ExpiringMap(clock),
    progress: new ExpiringMap(clock),
    passwordLock: new PasswordLock(clock),
    tokenAnswers: new Map(),
    lifetimes: { accessToken: undefined },
  };
}

async function loadDocument({ tenantFile }: TenantConfig, log: Logger) {
  const file = tenantFile === undefined ? undefined : await TenantFile.open(tenantFile, log);
  const { written, document } = file ?? { written: seed, document: parseDocument(seed) };
  const save = async (customer: WrittenCustomer) => {
    if (document.saveSignUps) await file?.save(customer);
  };
  return {
    written,
    registrations: new Registrations(document),
    customers: new CustomerDirectory(document.customers, save),
  };
}

/** Puts everything back as it was at the start, but for the signing keys. */
export function resetTenant(tenant: Tenant): void {
  tenant.customers.reset();
  for (const kept of [
    tenant.store,
    tenant.inbox,
    tenant.refreshTokens,
    tenant.deviceCodes,
    tenant.redeemedCodes,
    tenant.progress,
    tenant.faults,
    tenant.passwordLock,
    tenant.tokenAnswers,
  ]) {
    kept.clear();
  }
  tenant.clock.reset();
  tenant.lifetimes.accessToken = undefined;
}
