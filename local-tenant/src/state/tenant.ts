import type { Provider } from 'oidc-provider';
import type { TenantConfig } from '../config.ts';
import type { Faults } from '../faults/Faults.ts';
import type { GraphDirectory } from '../graph/GraphDirectory.ts';
import type { WrittenDocument } from '../registrations/document.ts';
import type { Registrations } from '../registrations/Registrations.ts';
import type { Logger } from '../runtime/logger.ts';
import type { DeviceCodes } from '../token/DeviceCodes.ts';
import type { RefreshTokens } from '../token/RefreshTokens.ts';
import type { SigningKeys } from '../token/SigningKeys.ts';
import type { PasswordLock } from '../userFlows/PasswordLock.ts';
import type { Progress } from '../userFlows/progress.ts';
import type { Clock } from './Clock.ts';
import type { CustomerDirectory } from './CustomerDirectory.ts';
import type { ExpiringMap } from './ExpiringMap.ts';
import type { Inbox } from './Inbox.ts';
import type { ProviderStore } from './providerStore.ts';

/** The state of one local tenant. Tenants in one process share nothing. */
export interface Tenant {
  readonly config: TenantConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly registrations: Registrations;
  readonly directory: GraphDirectory;
  readonly customers: CustomerDirectory;
  /** The document as written. Its customers may be outdated. */
  readonly written: WrittenDocument;
  readonly faults: Faults;
  readonly inbox: Inbox;
  readonly keys: SigningKeys;
  readonly store: ProviderStore;
  readonly provider: Provider;
  readonly refreshTokens: RefreshTokens;
  readonly deviceCodes: DeviceCodes;
  readonly redeemedCodes: ExpiringMap<true>;
  readonly progress: ExpiringMap<Progress>;
  readonly passwordLock: PasswordLock;
  /** The number of token requests that got tokens, by `grant_type`. */
  readonly tokenAnswers: Map<string, number>;
  readonly lifetimes: {
    /** Seconds; undefined: random, as in Entra. */
    accessToken: number | undefined;
  };
}
