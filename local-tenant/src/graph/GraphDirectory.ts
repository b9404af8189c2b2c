import { type CollectionName, collections, type Resource } from './resources.ts';

type Shelves = { readonly [Name in CollectionName]: Map<string, Resource<Name>> };

/** All objects, as they are saved. */
export type Snapshot = { readonly [Name in CollectionName]: readonly Resource<Name>[] };

/**
 * What has been made through Microsoft Graph. Objects are never changed in place, so that a snapshot stays one.
 * A new object can be hidden from its first reads, as it is in Entra until all replicas have it.
 * @see https://learn.microsoft.com/graph/best-practices-concept#handling-expected-errors
 */
export class GraphDirectory {
  readonly #initial: Snapshot | undefined;
  readonly #onChange: (snapshot: Snapshot) => void;
  readonly #shelves = emptyShelves();
  /** How many reads do not see an object yet, by its id. */
  readonly #hiddenReads = new Map<string, number>();
  /** How many objects a page of a list has. */
  pageSize = 100;
  /** From how many reads a new object is hidden. */
  newObjectsHiddenReads = 0;

  /** @param onChange told of all objects after each change */
  constructor(initial: Snapshot | undefined, onChange: (snapshot: Snapshot) => void) {
    this.#initial = initial;
    this.#onChange = onChange;
    this.reset();
  }

  /** Brings back the objects of the start, and only those. */
  reset(): void {
    for (const shelf of Object.values(this.#shelves)) shelf.clear();
    for (const name of names) for (const object of this.#initial?.[name] ?? []) this.#put(name, object);
    this.#hiddenReads.clear();
    this.pageSize = 100;
    this.newObjectsHiddenReads = 0;
    this.#onChange(this.snapshot());
  }

  /** Every object, hidden or not: for what must be unique, and for who may sign in. */
  all<Name extends CollectionName>(name: Name): Resource<Name>[] {
    return [...this.#shelves[name].values()];
  }

  /** The objects of a request that can see them. Each that is hidden is so once less. */
  visible<Name extends CollectionName>(name: Name): Resource<Name>[] {
    return this.all(name).filter(({ id }) => this.#see(id));
  }

  /** The object with an id, unless it is hidden. */
  find<Name extends CollectionName>(name: Name, id: string): Resource<Name> | undefined {
    const found = this.#shelves[name].get(id);
    return found && this.#see(found.id) ? found : undefined;
  }

  add<Name extends CollectionName>(name: Name, object: Resource<Name>): void {
    this.#put(name, object);
    if (this.newObjectsHiddenReads > 0) this.#hiddenReads.set(object.id, this.newObjectsHiddenReads);
    this.#onChange(this.snapshot());
  }

  replace<Name extends CollectionName>(name: Name, object: Resource<Name>): void {
    this.#put(name, object);
    this.#onChange(this.snapshot());
  }

  remove(name: CollectionName, ids: readonly string[]): void {
    for (const id of ids) this.#shelves[name].delete(id);
    this.#onChange(this.snapshot());
  }

  snapshot(): Snapshot {
    return {
      applications: this.all('applications'),
      deletedApplications: this.all('deletedApplications'),
      federatedCredentials: this.all('federatedCredentials'),
      owners: this.all('owners'),
      servicePrincipals: this.all('servicePrincipals'),
      deletedServicePrincipals: this.all('deletedServicePrincipals'),
      permissionGrants: this.all('permissionGrants'),
      roleAssignments: this.all('roleAssignments'),
      flows: this.all('flows'),
      flowAttributes: this.all('flowAttributes'),
    };
  }

  #put<Name extends CollectionName>(name: Name, object: Resource<Name>): void {
    const shelf: Map<string, Resource<Name>> = this.#shelves[name];
    shelf.set(object.id, object);
  }

  #see(id: string): boolean {
    const left = this.#hiddenReads.get(id) ?? 0;
    if (left > 0) this.#hiddenReads.set(id, left - 1);
    return left === 0;
  }
}

const names = Object.keys(collections).filter((name): name is CollectionName => Object.hasOwn(collections, name));

function emptyShelves(): Shelves {
  return {
    applications: new Map(),
    deletedApplications: new Map(),
    federatedCredentials: new Map(),
    owners: new Map(),
    servicePrincipals: new Map(),
    deletedServicePrincipals: new Map(),
    permissionGrants: new Map(),
    roleAssignments: new Map(),
    flows: new Map(),
    flowAttributes: new Map(),
  };
}
