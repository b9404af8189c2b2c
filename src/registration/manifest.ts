import { z } from 'zod';
import { guid, httpUrl } from '../runtime/settings.ts';

const label = z.string().trim().min(1, 'must not be empty').max(256, 'must have at most 256 characters');
const path = z.string().regex(/^\/[^\s?#*]*$/, 'must be a path, such as /auth/redirect');
/** The name goes into URLs and OData filters, so that it is kept to letters that need no quoting there. */
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

/** The attributes that every tenant has; others need a userFlowAttribute of the tenant first. */
const builtInAttributes = [
  ...['city', 'country', 'displayName', 'givenName', 'jobTitle', 'postalCode', 'state', 'streetAddress', 'surname'],
] as const;

const web = z
  .strictObject({
    displayName: label,
    baseUrl: httpUrl
      .refine((url) => new URL(url).pathname === '/', 'must be the address alone, without a path')
      .refine((url) => /^(https:|http:\/\/localhost(:|$))/.test(url), 'must be https; http is for localhost only'),
    redirectPaths: z.array(path).min(1, 'must name at least one path'),
    logoutPath: path.optional(),
    idTokenClaims: z.array(label).default([]),
  })
  .transform(({ baseUrl, redirectPaths, logoutPath, ...rest }) => ({
    ...rest,
    baseUrl,
    redirectUris: redirectPaths.map((each) => `${baseUrl}${each}`),
    // Entra takes https only for the front-channel logout URL, so that an app on http://localhost has none.
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

/** What the tenant is to hold: AppCreationScripts/sample.json, read. */
export type Manifest = z.output<typeof manifest>;

/** What the command line may change of a manifest. */
export interface ManifestChanges {
  readonly namePrefix?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly signInMethod?: string | undefined;
}

/** The manifest cannot be used; `problems` names every one of them. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The manifest cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** @throws {ManifestError} naming every problem */
export function readManifest(text: string, changes: ManifestChanges = {}): Manifest {
  const result = manifest.safeParse(changed(parsed(text), changes), {
    error: (issue) => (issue.input === undefined ? 'is missing' : undefined),
  });
  if (result.success) return result.data;
  throw new ManifestError(
    result.error.issues.map(({ path: where, message }) => `${where.join('.') || 'it'}: ${message}`),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ManifestError([`it is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`]);
  }
}

const someManifest = z.looseObject({
  web: z.looseObject({}).optional().catch(undefined),
  userFlow: z.looseObject({}).optional().catch(undefined),
});

function changed(document: unknown, { namePrefix: name, baseUrl, signInMethod }: ManifestChanges): unknown {
  const result = someManifest.safeParse(document);
  if (!result.success) return document;
  const { web: webPart, userFlow, ...rest } = result.data;
  return {
    ...rest,
    ...(name !== undefined && { namePrefix: name }),
    ...(webPart && { web: { ...webPart, ...(baseUrl !== undefined && { baseUrl }) } }),
    ...(userFlow && { userFlow: { ...userFlow, ...(signInMethod !== undefined && { signInMethod }) } }),
  };
}

export const appNames = ['api', 'web', 'headless'] as const;
export type AppName = (typeof appNames)[number];

/** The alternate key under which Graph finds an application of ours again. */
export function uniqueNameOf({ namePrefix: prefix }: Manifest, app: AppName): string {
  return `${prefix}-${app}`;
}

/** What marks an object as made by configure: cleanup removes what carries it and nothing else. */
export function markerOf({ namePrefix: prefix }: Manifest): string {
  return `made-by:${prefix}`;
}
