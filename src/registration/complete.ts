/** A value that is missing or extra. */
export interface Finding {
  /** Property names joined by dots, without list positions: `api.oauth2PermissionScopes`. */
  readonly path: string;
  readonly value: string;
}

/** The current object merged with the wanted one. */
export interface Completion {
  readonly merged: unknown;
  readonly missing: readonly Finding[];
  /** List entries that were not asked for, and that stay. */
  readonly extra: readonly Finding[];
}

/** The properties that identify the entries of Graph's lists, in order of preference. */
const keys = ['value', 'name', 'appId', 'resourceAppId', 'attribute', 'id'];

/**
 * Merges what is wanted into what exists: replaces values, completes lists, and keeps everything else.
 * @param current as Graph shows it
 * @param wanted as Graph's requests have it
 */
export function complete(current: unknown, wanted: unknown, path = ''): Completion {
  if (Array.isArray(wanted)) return completeList(Array.isArray(current) ? current : [], wanted, path);
  if (isRecord(wanted)) return completeRecord(isRecord(current) ? current : {}, wanted, path);
  return { merged: wanted, missing: current === wanted ? [] : [{ path, value: String(wanted) }], extra: [] };
}

function completeRecord(current: Record<string, unknown>, wanted: Record<string, unknown>, path: string): Completion {
  const parts = Object.entries(wanted).map(
    ([name, value]) => [name, complete(current[name], value, path ? `${path}.${name}` : name)] as const,
  );
  return {
    merged: { ...sendable(current), ...Object.fromEntries(parts.map(([name, { merged }]) => [name, merged])) },
    // Graph may omit the type.
    missing: parts.flatMap(([name, { missing }]) => (name === '@odata.type' ? [] : missing)),
    extra: parts.flatMap(([, { extra }]) => extra),
  };
}

/** Graph adds annotations such as `@odata.context`; only the type may be sent back. */
function sendable(current: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(current).filter(([name]) => !/@odata\.(?!type$)/.test(name)));
}

function completeList(current: readonly unknown[], wanted: readonly unknown[], path: string): Completion {
  const keyed = wanted.map((entry, index) => ({ entry, key: keyOf(entry, index) }));
  const found = current.map((entry, index) => {
    const match = keyed.find(({ key }) => key === keyOf(entry, index));
    if (match) return named(complete(entry, match.entry, path), match.key, match.entry);
    return { merged: entry, missing: [], extra: [{ path, value: keyOf(entry, index) }] };
  });
  const present = current.map(keyOf);
  const added = keyed.filter(({ key }) => !present.includes(key));
  return {
    merged: [...found.map(({ merged }) => merged), ...added.map(({ entry }) => entry)],
    missing: [...found.flatMap(({ missing }) => missing), ...added.map(({ key }) => ({ path, value: key }))],
    extra: found.flatMap(({ extra }) => extra),
  };
}

/** Prefixes a value inside a list entry with the entry's key, for a reader. */
function named(completion: Completion, key: string, entry: unknown): Completion {
  if (!isRecord(entry) || /^\d+$/.test(key)) return completion;
  return {
    ...completion,
    missing: completion.missing.map(({ path, value }) => ({ path, value: `${key} ${value}` })),
  };
}

function keyOf(entry: unknown, index: number): string {
  if (!isRecord(entry)) return String(entry);
  const key = keys.map((name) => entry[name]).find((value) => typeof value === 'string');
  return typeof key === 'string' ? key : String(index);
}

/**
 * The properties that a PATCH must send. Graph merges the properties of `api`, `web` and `publicClient`, and replaces
 * every other property as a whole.
 */
export function patchOf({ merged, missing }: Completion): Record<string, unknown> {
  const isMissing = (path: string) => missing.some((each) => each.path === path || each.path.startsWith(`${path}.`));
  return Object.fromEntries(
    entriesOf(merged)
      .filter(([name]) => isMissing(name))
      .map(([name, value]) => {
        if (!['api', 'web', 'publicClient'].includes(name)) return [name, value];
        return [name, Object.fromEntries(entriesOf(value).filter(([inner]) => isMissing(`${name}.${inner}`)))];
      }),
  );
}

function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
