/** One value that is not as wanted, or that is there besides. */
export interface Finding {
  /** Property names joined by dots, without the entries of lists: `api.oauth2PermissionScopes`. */
  readonly path: string;
  readonly value: string;
}

/** What is there, brought to what is wanted. */
export interface Completion {
  readonly merged: unknown;
  readonly missing: readonly Finding[];
  /** Entries of lists that nobody asked for, and that stay. */
  readonly extra: readonly Finding[];
}

/** What tells the entries of Graph's lists apart, in the order in which it is looked for. */
const keys = ['value', 'name', 'appId', 'resourceAppId', 'attribute', 'id'];

/**
 * Adds to what is there what is wanted: values are replaced, lists are completed, and what is not asked about stays.
 * @param current as Graph answers
 * @param wanted as it is sent to Graph
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
    // Graph may leave out the type of what it shows.
    missing: parts.flatMap(([name, { missing }]) => (name === '@odata.type' ? [] : missing)),
    extra: parts.flatMap(([, { extra }]) => extra),
  };
}

/** Graph annotates what it shows, such as with `@odata.context`; only the type may be sent back. */
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

/** A value inside a list's entry means little without the entry. */
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
 * The properties that a PATCH has to send. Graph merges the complex properties `api`, `web` and `publicClient`
 * themselves, and replaces everything else whole.
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
