import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Clock } from './Clock.ts';
import { ExpiringMap } from './ExpiringMap.ts';

interface Stored {
  readonly payload: AdapterPayload;
  /** The expiry by the tenant's clock; the payload has the machine's. */
  readonly expiresAt: number;
}

/** How long expired records are kept, so that "expired" and "unknown" can be told apart. */
const keptAfterExpirySeconds = 86_400;

export type ProviderStore = ReturnType<typeof createProviderStore>;

/**
 * Keeps oidc-provider's sessions, interactions and codes in this process until they expire. Its own in-memory adapter
 * keeps only the newest 1000 entries, which drops sessions under load. Times are stored by the tenant's clock and
 * shifted to the machine's for oidc-provider.
 * @param findClient called for each use of an app, because apps can change while the tenant runs
 */
export function createProviderStore(clock: Clock, findClient: (clientId: string) => AdapterPayload | undefined) {
  const records = new ExpiringMap<Stored>(clock);
  /** Other names of a record, such as a session's uid. */
  const ids = new ExpiringMap<string>(clock);
  const adapter = (model: string): Adapter => {
    const read = (id: string | undefined): AdapterPayload | undefined => {
      const stored = id === undefined ? undefined : records.get(`${model}:${id}`);
      return (
        stored && { ...shifted(stored.payload, -clock.offsetSeconds), exp: stored.expiresAt - clock.offsetSeconds }
      );
    };
    return {
      async upsert(id, payload, expiresIn = 3600) {
        const keptSeconds = expiresIn + keptAfterExpirySeconds;
        const stored = { payload: shifted(payload, clock.offsetSeconds), expiresAt: clock.nowSeconds() + expiresIn };
        records.set(`${model}:${id}`, stored, keptSeconds);
        if (payload.uid) ids.set(`${model}:uid:${payload.uid}`, id, keptSeconds);
      },
      find: async (id) => (model === 'Client' ? findClient(id) : read(id)),
      findByUid: async (uid) => read(ids.get(`${model}:uid:${uid}`)),
      async consume(id) {
        const stored = records.get(`${model}:${id}`);
        if (stored) stored.payload.consumed = clock.nowSeconds();
      },
      destroy: async (id) => records.delete(`${model}:${id}`),
      // Only oidc-provider's own token and device endpoints, which the tenant does not use, call these.
      findByUserCode: async () => undefined,
      revokeByGrantId: async () => {},
    };
  };
  const clear = () => {
    records.clear();
    ids.clear();
  };
  return { adapter, clear };
}

/** Moves the time of the customer's sign-in. */
function shifted(payload: AdapterPayload, seconds: number): AdapterPayload {
  const { loginTs, authTime } = payload;
  return {
    ...payload,
    ...(loginTs === undefined ? {} : { loginTs: loginTs + seconds }),
    ...(authTime === undefined ? {} : { authTime: authTime + seconds }),
  };
}
