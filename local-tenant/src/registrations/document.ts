import { z } from 'zod';
import { apiSchema, appSchema, label } from './appSchema.ts';
import { findCrossProblems, type Problem } from './crossProblems.ts';
import { customerSchema, userFlowSchema } from './customerSchema.ts';

const documentSchema = z.strictObject({
  displayName: label,
  /** Whether new customers and changed passwords are written back to the file. */
  saveSignUps: z.boolean().default(false),
  saveRegistrations: z.boolean().default(false),
  /** The `verification_uri` of device codes: Entra's, where local customers cannot sign in, or this tenant's page. */
  deviceVerificationUri: z.enum(['entra', 'local']).default('entra'),
  apps: z.array(appSchema).default([]),
  apis: z.array(apiSchema).default([]),
  userFlows: z
    .array(userFlowSchema)
    .min(1, 'must have a user flow')
    .prefault([{ name: 'Sign up and sign in' }]),
  customers: z.array(customerSchema).default([]),
});

/** As a developer writes it: what has a default can be omitted. */
export type WrittenDocument = z.input<typeof documentSchema>;
/** A customer who has an object id, which a document can omit. */
export type WrittenCustomer = z.input<typeof customerSchema> & { readonly oid: string };

/** The registrations, user flows and customers of a tenant, with all defaults. */
export type TenantDocument = z.output<typeof documentSchema>;
export type AppRegistration = TenantDocument['apps'][number];
export type ApiRegistration = TenantDocument['apis'][number];
export type UserFlow = TenantDocument['userFlows'][number];
export type CustomerRecord = TenantDocument['customers'][number];

/** A document breaks the rules; `problems` holds every mistake. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n'));
    this.problems = problems;
  }
}

/** @throws {DocumentError} naming every problem at once, but no value: it could be a secret. */
export function parseDocument(written: unknown): TenantDocument {
  const result = documentSchema.safeParse(written, { error: plainWords });
  const crossProblems = findCrossProblems(written);
  if (result.success && crossProblems.length === 0) return result.data;
  const issues = result.success ? [] : result.error.issues;
  throw new DocumentError([...issues.flatMap(toProblems), ...crossProblems]);
}

const kinds: Readonly<Record<string, string>> = {
  string: 'must be text in quotes',
  boolean: 'must be true or false',
  array: 'must be a list: [ … ]',
  object: 'must be an object: { … }',
  record: 'must be an object: { … }',
};

/** Replaces zod's own messages; a message in the schema takes precedence. */
function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') return issue.input === undefined ? 'is missing' : kinds[issue.expected];
  if (issue.code === 'invalid_value') return `must be one of: ${issue.values.join(', ')}`;
  return undefined;
}

function toProblems(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not a known key' }));
  }
  // A record's key has its own schema, and its issue nests the reason.
  if (issue.code === 'invalid_key') return [{ path, message: `as a key ${issue.issues[0]?.message ?? 'is wrong'}` }];
  return [{ path, message: issue.message }];
}
