import { z } from 'zod';

/** Where settings are read from: `process.env`, or an object in tests. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings are wrong; `problems` names each of them with its fix. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  /** @param remedy where to correct them; default: the environment */
  constructor(
    problems: readonly string[],
    remedy = 'Set them in the environment; entra-local-tenant --help lists them.',
  ) {
    const list = problems.map((problem) => `  - ${problem}`).join('\n');
    super(`The settings cannot be used:\n${list}\n${remedy}`);
    this.problems = problems;
  }
}

/** Empty variables count as missing. Errors do not repeat values, because they may be secrets. */
export function parseSettings<Schema extends z.ZodType>(schema: Schema, environment: Environment): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new SettingsError(result.error.issues.map(({ path, message }) => [path.join('.'), message].join(' ').trim()));
}

export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number, such as 3000')
  .transform(Number)
  .refine((number) => number <= 65535, 'must be a port number up to 65535');

/** A GUID in lower case, as in Entra's URLs and claims. */
export const guid = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a GUID, as the admin center shows it');

/** The part of `{subdomain}.ciamlogin.com` before the first dot. */
export const tenantSubdomain = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must be the tenant\'s subdomain alone: "contoso" of contoso.onmicrosoft.com and contoso.ciamlogin.com',
  );

/** An absolute http or https URL without credentials, query or fragment; a trailing slash is dropped. */
export const httpUrl = z
  .string()
  .trim()
  .transform((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
      context.addIssue({ code: 'custom', message: 'must be an absolute URL, such as https://www.example.com' });
      return z.NEVER;
    }
    return url.href.replace(/\/$/, '');
  });
