import type { Provider } from 'oidc-provider';
import { createHttpClient, type HttpClient } from '../../../src/runtime/httpClient.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { createProvider, providerClient } from '../authorize/provider.ts';
import type { TenantConfig } from '../config.ts';
import { issuerOf } from '../entraDialect.ts';
import { Faults } from '../faults/Faults.ts';
import { directoryRegistrations } from '../graph/directoryRegistrations.ts';
import { GraphDirectory } from '../graph/GraphDirectory.ts';
import { RegistrationsFile } from '../graph/RegistrationsFile.ts';
import { parseDocument, type WrittenCustomer, type WrittenDocument } from '../registrations/document.ts';
import { Registrations } from '../registrations/Registrations.ts';
import { TenantFile } from '../registrations/TenantFile.ts';
import { emptySeed, seed } from '../seed/seed.ts';
import { DeviceCodes } from '../token/DeviceCodes.ts';
import { RefreshTokens } from '../token/RefreshTokens.ts';
import { SigningKeys } from '../token/SigningKeys.ts';
import { PasswordLock } from '../userFlows/PasswordLock.ts';
import type { Progress } from '../userFlows/visit.ts';
import { Clock } from './Clock.ts';
import { CustomerDirectory } from './CustomerDirectory.ts';
import { ExpiringMap } from './ExpiringMap.ts';
import { Inbox } from './Inbox.ts';
import { createProviderStore, type ProviderStore } from './providerStore.ts';

/** All that one local tenant keeps; two tenants in one process share nothing. */
export interface Tenant {
  readonly config: TenantConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly registrations: Registrations;
  /** What has been made through Microsoft Graph. */
  readonly directory: GraphDirectory;
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
  const { written, registrations, customers, savedRegistrations } = await loadDocument(config, log);
  const store = createProviderStore(clock, (clientId) => providerClient({ config, registrations }, clientId));
  const keys = new SigningKeys(issuerOf(config));
  const faults = new Faults(clock);
  return {
    config,
    log,
    clock,
    registrations,
    directory: new GraphDirectory(savedRegistrations?.snapshot, (snapshot) => {
      registrations.useDirectory(directoryRegistrations(snapshot));
      savedRegistrations?.save(snapshot);
    }),
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

async function loadDocument({ tenantFile, isEmpty }: TenantConfig, log: Logger) {
  const file = tenantFile === undefined ? undefined : await TenantFile.open(tenantFile, log);
  const fallback = isEmpty ? emptySeed : seed;
  const { written, document } = file ?? { written: fallback, document: parseDocument(fallback) };
  const save = async (customer: WrittenCustomer) => {
    if (document.saveSignUps) await file?.save(customer);
  };
  return {
    written,
    registrations: new Registrations(document),
    savedRegistrations:
      tenantFile !== undefined && document.saveRegistrations ? new RegistrationsFile(tenantFile, log) : undefined,
    customers: new CustomerDirectory(document.customers, save),
  };
}

/** Puts everything back as it was at the start, but for the signing keys. */
export function resetTenant(tenant: Tenant): void {
  tenant.customers.reset();
  tenant.directory.reset();
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
