/** How the app relates to a module: it passes, it refuses by design, or the module does not apply. */
export type Standing = 'played' | 'refused by design' | 'not applicable';

/** A test module of the OpenID Foundation's conformance suite for relying parties. */
export interface Module {
  /** The official name. */
  readonly name: string;
  /** What the suite does, as the provider. */
  readonly suite: string;
  /** What the client must do. */
  readonly client: string;
  readonly standing: Standing;
  /** Why it is not played; for `refused by design` also what the app does instead. */
  readonly reason?: string;
}

export const played = (name: string, suite: string, client: string): Module => ({
  name,
  suite,
  client,
  standing: 'played',
});

export const refusedByDesign = (name: string, suite: string, client: string, reason: string): Module => ({
  name,
  suite,
  client,
  reason,
  standing: 'refused by design',
});

export const notApplicable = (name: string, suite: string, client: string, reason: string): Module => ({
  name,
  suite,
  client,
  reason,
  standing: 'not applicable',
});
