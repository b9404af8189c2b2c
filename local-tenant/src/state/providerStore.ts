import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import type { Clock } from './Clock.ts';
import { ExpiringMap } from './ExpiringMap.ts';

interface Stored {
  readonly payload: AdapterPayload;
  /** The expiry by the tenant's clock; the payload's own is by the machine's. */
  readonly expiresAt: number;
}

/** How long a record can still be read after its end, so that "expired" can be told from "never seen". */
const keptAfterExpirySeconds = 86_400;

export interface ProviderStore {
  readonly adapter: AdapterFactory;
  clear(): void;
}

/**
 * Where oidc-provider keeps its sessions, interactions and codes: in this process, for as long as they live. Its
 * own in-memory adapter keeps the newest 1000 entries only, which drops customers' sessions under load.
 * Times are kept by the tenant's clock: oidc-provider compares with the machine's, so each answer is shifted to that.
 */
export function createProviderStore(clock: Clock, findClient: FindClient): ProviderStore {
  const records = new ExpiringMap<Stored>(clock);
  const ids = new ExpiringMap<string>(clock);
  return {
    adapter: (model) => {
      const adapter = createAdapter(model, { records, ids, clock });
      return model === 'Client' ? { ...adapter, find: async (id) => findClient(id) } : adapter;
    },
    clear() {
      records.clear();
      ids.clear();
    },
  };
}

/** Apps come and go while the tenant runs, so that oidc-provider asks for each as it needs it. */
export type FindClient = (clientId: string) => AdapterPayload | undefined;

interface Shelves {
  readonly records: ExpiringMap<Stored>;
  /** Other names of a record, such as a session's uid. */
  readonly ids: ExpiringMap<string>;
  readonly clock: Clock;
}

function createAdapter(model: string, { records, ids, clock }: Shelves): Adapter {
  const read = (id: string | undefined): AdapterPayload | undefined => {
    const stored = id === undefined ? undefined : records.get(`${model}:${id}`);
    return stored && { ...shifted(stored.payload, -clock.offsetSeconds), exp: stored.expiresAt - clock.offsetSeconds };
  };
  return {
    async upsert(id, payload, expiresIn = 3600) {
      const keptSeconds = expiresIn + keptAfterExpirySeconds;
      const stored = { payload: shifted(payload, clock.offsetSeconds), expiresAt: clock.nowSeconds() + expiresIn };
      records.set(`${model}:${id}`, stored, keptSeconds);
      if (payload.uid) ids.set(`${model}:uid:${payload.uid}`, id, keptSeconds);
      if (payload.userCode) ids.set(`${model}:userCode:${payload.userCode}`, id, keptSeconds);
    },
    find: async (id) => read(id),
    findByUid: async (uid) => read(ids.get(`${model}:uid:${uid}`)),
    findByUserCode: async (userCode) => read(ids.get(`${model}:userCode:${userCode}`)),
    async consume(id) {
      const stored = records.get(`${model}:${id}`);
      if (stored) stored.payload.consumed = clock.nowSeconds();
    },
    destroy: async (id) => records.delete(`${model}:${id}`),
    // Only oidc-provider's own token endpoint asks for this; this tenant has its own (tokenEndpoint.ts).
    revokeByGrantId: async () => {},
  };
}

/** Moves the times at which a customer gave credentials. */
function shifted(payload: AdapterPayload, seconds: number): AdapterPayload {
  const { loginTs, authTime } = payload;
  return {
    ...payload,
    ...(loginTs === undefined ? {} : { loginTs: loginTs + seconds }),
    ...(authTime === undefined ? {} : { authTime: authTime + seconds }),
  };
}
