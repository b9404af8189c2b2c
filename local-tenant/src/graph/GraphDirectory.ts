import { type CollectionName, type Resource, type Snapshot, snapshotSchema } from './resources.ts';

/**
 * The objects that were made through Microsoft Graph. Objects and lists are replaced, never changed, so that a snapshot
 * stays as it was. A new object can be hidden from its first reads: in Entra it appears only once all replicas have it.
 * @see https://learn.microsoft.com/graph/best-practices-concept#handling-expected-errors
 */
export class GraphDirectory {
  readonly #initial: Snapshot;
  readonly #onChange: (snapshot: Snapshot) => void;
  #current: Snapshot;
  /** The number of reads that will not see an object yet, by its id. */
  readonly #hiddenReads = new Map<string, number>();
  pageSize = 100;
  newObjectsHiddenReads = 0;

  /** @param onChange called with all objects at the start and after each change */
  constructor(initial: Snapshot | undefined, onChange: (snapshot: Snapshot) => void) {
    this.#initial =
      initial ?? snapshotSchema.parse(Object.fromEntries(Object.keys(snapshotSchema.shape).map((name) => [name, []])));
    this.#current = this.#initial;
    this.#onChange = onChange;
    onChange(this.#current);
  }

  reset(): void {
    this.#current = this.#initial;
    this.#hiddenReads.clear();
    this.pageSize = 100;
    this.newObjectsHiddenReads = 0;
    this.#onChange(this.#current);
  }

  /** Every object, hidden or not: for checks of uniqueness and for sign-ins. */
  all<Name extends CollectionName>(name: Name): Snapshot[Name] {
    return this.#current[name];
  }

  /** The objects that a request can see. Each hidden object is then hidden from one read fewer. */
  visible<Name extends CollectionName>(name: Name): Resource<Name>[] {
    return this.all(name).filter(({ id }) => this.#see(id));
  }

  find<Name extends CollectionName>(name: Name, id: string): Resource<Name> | undefined {
    const found = this.all(name).find((object) => object.id === id);
    return found && this.#see(found.id) ? found : undefined;
  }

  add<Name extends CollectionName>(name: Name, object: Resource<Name>): void {
    if (this.newObjectsHiddenReads > 0) this.#hiddenReads.set(object.id, this.newObjectsHiddenReads);
    this.#set(name, [...this.all(name), object]);
  }

  replace<Name extends CollectionName>(name: Name, object: Resource<Name>): void {
    this.#set(
      name,
      this.all(name).map((stored) => (stored.id === object.id ? object : stored)),
    );
  }

  remove(name: CollectionName, ...ids: readonly string[]): void {
    this.#set(
      name,
      this.all(name).filter(({ id }) => !ids.includes(id)),
    );
  }

  #set(name: CollectionName, objects: readonly object[]): void {
    this.#current = { ...this.#current, [name]: objects };
    this.#onChange(this.#current);
  }

  #see(id: string): boolean {
    const left = this.#hiddenReads.get(id) ?? 0;
    if (left > 0) this.#hiddenReads.set(id, left - 1);
    return left === 0;
  }
}
