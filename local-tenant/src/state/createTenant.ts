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
import type { Logger } from '../runtime/logger.ts';
import { emptySeed, seed } from '../seed/seed.ts';
import { DeviceCodes } from '../token/DeviceCodes.ts';
import { RefreshTokens } from '../token/RefreshTokens.ts';
import { SigningKeys } from '../token/SigningKeys.ts';
import { PasswordLock } from '../userFlows/PasswordLock.ts';
import { Clock } from './Clock.ts';
import { CustomerDirectory } from './CustomerDirectory.ts';
import { ExpiringMap } from './ExpiringMap.ts';
import { Inbox } from './Inbox.ts';
import { createProviderStore } from './providerStore.ts';
import type { Tenant } from './tenant.ts';

/** @param given the document when there is no TENANT_FILE; default: the seed */
export async function createTenant(config: TenantConfig, log: Logger, given?: WrittenDocument): Promise<Tenant> {
  const clock = new Clock();
  const { written, registrations, customers, savedRegistrations } = await loadDocument(config, log, given);
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
    redeemedCodes: new ExpiringMap(clock),
    progress: new ExpiringMap(clock),
    passwordLock: new PasswordLock(clock),
    tokenAnswers: new Map(),
    lifetimes: { accessToken: undefined },
  };
}

async function loadDocument({ tenantFile, isEmpty }: TenantConfig, log: Logger, given?: WrittenDocument) {
  const file = tenantFile === undefined ? undefined : await TenantFile.open(tenantFile, log);
  const fallback = given ?? (isEmpty ? emptySeed : seed);
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
