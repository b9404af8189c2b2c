import { z } from 'zod';
import { CommandError, exitCodes } from '../entra/terminal/CommandError.ts';
import { guid, httpUrl } from '../runtime/settings.ts';

const label = z.string().trim().min(1, 'must not be empty').max(256, 'must have at most 256 characters');
const path = z.string().regex(/^\/[^\s?#*]*$/, 'must be a path, such as /auth/redirect');
/** Used in URLs and OData filters, so only characters that need no quoting there. */
const namePrefix = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'must be lower-case letters, digits and hyphens');

const permission = z.strictObject({
  id: guid,
  value: z.string().regex(/^[\w.-]{1,120}$/, 'must be a permission name, such as ToDoList.Read'),
  displayName: label.max(100, 'must have at most 100 characters'),
  description: z.string().trim().min(1, 'must not be empty').max(1000, 'must have at most 1000 characters'),
});

const permissions = z.array(permission).superRefine((entries, context) => {
  for (const field of ['id', 'value'] as const) {
    if (new Set(entries.map((entry) => entry[field])).size === entries.length) continue;
    context.addIssue({ code: 'custom', message: `must not have two entries with the same ${field}` });
  }
});

/** @see https://learn.microsoft.com/entra/identity-platform/reply-url */
const nativeRedirectUri = z
  .string()
  .regex(/^(http:\/\/localhost(:\d+)?(\/[^\s?#*]*)?|https:\/\/[^\s?#*]+)$/, 'must be https, or http://localhost');

/** The attributes of every tenant. Others would first need a userFlowAttribute. */
const builtInAttributes = [
  'city',
  'country',
  'displayName',
  'givenName',
  'jobTitle',
  'postalCode',
  'state',
  'streetAddress',
  'surname',
] as const;

const web = z
  .strictObject({
    displayName: label,
    baseUrl: httpUrl
      .refine((url) => new URL(url).pathname === '/', 'must be an origin without a path')
      .refine((url) => /^(https:|http:\/\/localhost(:|$))/.test(url), 'must be https, except http://localhost'),
    redirectPaths: z.array(path).min(1, 'must name at least one path'),
    logoutPath: path.optional(),
    idTokenClaims: z.array(label).default([]),
  })
  .transform(({ baseUrl, redirectPaths, logoutPath, ...rest }) => ({
    ...rest,
    baseUrl,
    redirectUris: redirectPaths.map((each) => `${baseUrl}${each}`),
    // Entra accepts only https here, so an app on http://localhost has no front-channel logout URL.
    logoutUrl: logoutPath && baseUrl.startsWith('https:') ? `${baseUrl}${logoutPath}` : undefined,
  }));

const api = z
  .strictObject({
    displayName: label,
    scopes: permissions.min(1, 'must have at least one scope'),
    appRoles: permissions.default([]),
    accessTokenClaims: z.array(label).default([]),
  })
  .refine(
    ({ scopes, appRoles }) =>
      !scopes.some(({ id, value }) => appRoles.some((role) => role.id === id || role.value === value)),
    'must not have a scope and a role with the same id or value',
  );

const manifest = z.strictObject({
  namePrefix,
  api,
  web,
  headless: z.strictObject({ displayName: label, redirectUris: z.array(nativeRedirectUri) }),
  userFlow: z.strictObject({
    displayName: label,
    signInMethod: z.enum(['password', 'code'], { error: 'must be "password" or "code"' }),
    attributes: z.array(
      z.strictObject({
        id: z.enum(builtInAttributes, { error: `must be one of ${builtInAttributes.join(', ')}` }),
        label,
        isRequired: z.boolean().default(true),
      }),
    ),
  }),
});

/** What to register in the tenant. AppCreationScripts/sample.json is one. */
export type Manifest = z.output<typeof manifest>;

/** The values of a manifest that the command line can change. */
export interface ManifestChanges {
  readonly namePrefix?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly signInMethod?: string | undefined;
}

/** The manifest is not valid; `problems` lists everything that is wrong. */
export class ManifestError extends CommandError {
  override readonly name = 'ManifestError';
  readonly exitCode = exitCodes.wrongUse;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The manifest is not valid: ${problems.join('; ')}.`);
    this.problems = problems;
  }
}

/** @throws {ManifestError} listing every problem */
export function readManifest(
  text: string,
  { namePrefix: name, baseUrl, signInMethod }: ManifestChanges = {},
): Manifest {
  const changes = { namePrefix: name, web: { baseUrl }, userFlow: { signInMethod } };
  const result = manifest.safeParse(withChanges(parsed(text), changes), {
    error: (issue) => (issue.input === undefined ? 'is missing' : undefined),
  });
  if (result.success) return result.data;
  throw new ManifestError(
    result.error.issues.map(({ path: where, message }) => `${where.join('.') || 'manifest'}: ${message}`),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ManifestError([`not JSON: ${error instanceof Error ? error.message : 'unreadable'}`]);
  }
}

/** A copy with the changes that are defined. Whatever is not an object stays as it is, for the schema to refuse. */
function withChanges(document: unknown, changes: Readonly<Record<string, unknown>>): unknown {
  const { data } = z.record(z.string(), z.unknown()).safeParse(document);
  if (!data) return document;
  for (const [name, change] of Object.entries(changes)) {
    if (typeof change === 'object' && change) data[name] = withChanges(data[name], { ...change });
    else if (change !== undefined) data[name] = change;
  }
  return data;
}

export const appNames = ['api', 'web', 'headless'] as const;
export type AppName = (typeof appNames)[number];

/** The alternate key by which Graph finds our application. */
export function uniqueNameOf({ namePrefix: prefix }: Manifest, app: AppName): string {
  return `${prefix}-${app}`;
}

/** Marks an object as made by configure. Cleanup removes only what has this marker. */
export function markerOf({ namePrefix: prefix }: Manifest): string {
  return `made-by:${prefix}`;
}
