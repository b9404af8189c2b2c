import { guid } from '../runtime/settings.ts';

export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** An object of the document, not yet validated. */
interface Item {
  readonly path: readonly (string | number)[];
  readonly value: object;
}

/**
 * Finds duplicates and references to missing entries. It reads the document as written, not as parsed, so that these
 * problems are reported together with those that the schema finds.
 */
export function findCrossProblems(written: unknown): Problem[] {
  const root: Item = { path: [], value: Object(written) };
  const apps = items(root, 'apps');
  const apis = items(root, 'apis');
  const flows = items(root, 'userFlows');
  const customers = items(root, 'customers');
  const registrations = [...apps, ...apis];
  return [
    // One client id may be an app and an API, as a registration in Entra is.
    ...duplicates(apps, 'clientId'),
    ...duplicates(apis, 'clientId'),
    ...duplicates(apis, 'identifierUri'),
    ...duplicates(flows, 'name'),
    ...flows.flatMap((flow) => duplicates(items(flow, 'attributes'), 'name')),
    ...flows.flatMap((flow) => duplicates(items(flow, 'identityProviders'), 'id')),
    ...duplicates(customers, 'oid'),
    ...duplicates(customers, 'email'),
    ...apps.flatMap((app) => [
      ...unknownFlow(app, flows),
      ...unknownNames(app, 'requiredPermissions', apis, 'scopes'),
      ...unknownNames(app, 'applicationPermissions', apis, 'appRoles'),
      ...publicClientProblems(app),
    ]),
    ...customers.flatMap((customer) => unknownNames(customer, 'roles', registrations, 'appRoles')),
  ];
}

function items({ path, value }: Item, key: string): Item[] {
  const list: unknown = Reflect.get(value, key);
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown, index) => ({ path: [...path, key, index], value: Object(entry) }));
}

/** A text in the form that is compared: Entra's ids and addresses ignore case. */
function text({ value }: Item, key: string): string | undefined {
  const found: unknown = Reflect.get(value, key);
  return typeof found === 'string' ? found.trim().toLowerCase() : undefined;
}

function duplicates(list: readonly Item[], key: string): Problem[] {
  const texts = list.map((item) => text(item, key));
  return list.flatMap(({ path }, index) => {
    const first = texts.indexOf(texts[index]);
    if (texts[index] === undefined || first === index) return [];
    return [{ path: [...path, key], message: `is the same as in ${(list[first]?.path ?? []).join('.')}` }];
  });
}

function unknownFlow(app: Item, flows: readonly Item[]): Problem[] {
  const name = text(app, 'userFlow');
  if (name === undefined || flows.some((flow) => text(flow, 'name') === name)) return [];
  return [{ path: [...app.path, 'userFlow'], message: 'names a user flow that this document does not have' }];
}

/** Names listed by client id that the app or API with that id does not define. */
function unknownNames(item: Item, key: string, definers: readonly Item[], definedBy: string): Problem[] {
  const byClientId = Object.entries<unknown>(Object(Reflect.get(item.value, key)));
  return byClientId.flatMap(([clientId, names]) => {
    // The schema reports this one.
    if (!guid.safeParse(clientId).success) return [];
    const path = [...item.path, key, clientId];
    const named = definers.filter((candidate) => text(candidate, 'clientId') === clientId.trim().toLowerCase());
    const [definer] = named;
    if (!definer) return [{ path, message: 'is not the client id of an entry that could define these' }];
    if (!Array.isArray(names)) return [];
    const known: readonly unknown[] = named.flatMap(({ value }): unknown => Reflect.get(value, definedBy));
    const missing = names.flatMap((name, index) => (known.includes(name) ? [] : [[...path, index]]));
    return missing.map((at) => ({ path: at, message: `is not among the ${definedBy} of ${definer.path.join('.')}` }));
  });
}

function publicClientProblems({ path, value }: Item): Problem[] {
  if (Reflect.get(value, 'isPublicClient') !== true) return [];
  return ['secrets', 'certificates', 'federatedCredentials'].flatMap((key) => {
    const credentials: unknown = Reflect.get(value, key);
    if (!Array.isArray(credentials) || credentials.length === 0) return [];
    return [{ path: [...path, key], message: 'must be empty: a public client cannot keep a credential' }];
  });
}
