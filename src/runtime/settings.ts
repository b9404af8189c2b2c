import { z } from 'zod';

/** Where a program reads its settings: `process.env`, or an object in tests. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings are wrong or incomplete; `problems` names each of them with its fix. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  /** @param remedy where to correct them; default: the environment */
  constructor(
    problems: readonly string[],
    remedy = 'Set them in the environment or in .env; .env.sample says where to find each.',
  ) {
    const list = problems.map((problem) => `  - ${problem}`).join('\n');
    super(`The settings cannot be used:\n${list}\n${remedy}`);
    this.problems = problems;
  }
}

/**
 * Reads settings into a typed value. Empty variables count as missing, so that a blank line of `.env.sample` gets its
 * default.
 * @throws {SettingsError} with every problem at once; it never repeats a value, which may be a secret
 */
export function parseSettings<Schema extends z.ZodType>(schema: Schema, environment: Environment): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
  const result = schema.safeParse(given, { error: (issue) => (issue.input === undefined ? 'is missing' : undefined) });
  if (result.success) return result.data;
  throw new SettingsError(result.error.issues.map(({ path, message }) => [path.join('.'), message].join(' ').trim()));
}

/** Whether this is production, which refuses unsafe settings. App Service always is. */
export function isProduction(environment: Environment): boolean {
  return environment.NODE_ENV?.trim().toLowerCase() === 'production' || Boolean(environment.WEBSITE_HOSTNAME);
}

/** Where Redis is: `redis://`, or `rediss://` for TLS. */
export const redisUrl = z
  .string()
  .trim()
  .superRefine((url, context) => {
    const problem = redisUrlProblem(url);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

function redisUrlProblem(url: string): string | undefined {
  const scheme = /^rediss?:\/\//.exec(url)?.[0];
  if (!scheme) return 'must be redis://host:port, or rediss://host:port for TLS';
  const rest = url.slice(scheme.length);
  // A URL ends its host at the first of these, so that the rest of the password would be a path.
  const inPassword = rest.slice(0, rest.lastIndexOf('@') + 1);
  if (/[/#?\s]/.test(inPassword) || !isPercentEncoded(inPassword)) {
    return 'has a user or password with a character that a URL gives a meaning: write / # ? @ % as %2F %23 %3F %40 %25';
  }
  const isUsable = /^[^\s/]/.test(rest) && URL.canParse(url) && /^\/?\d*$/.test(new URL(url).pathname);
  return isUsable ? undefined : 'must be redis://host:port, or rediss://host:port for TLS';
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** The rules of production for every program. Each belongs to a field, so that all problems are named at once. */
export const productionFields = {
  REDIS_URL: redisUrl.refine(
    (url) => url.startsWith('rediss:') || !URL.canParse(url) || isLoopback(url),
    'must be rediss:// in production, except for a Redis on this machine',
  ),
  METADATA_URL: z.never('is for the local tenant: remove it in production').optional(),
  NODE_TLS_REJECT_UNAUTHORIZED: z
    .string()
    .refine((value) => value !== '0', 'turns off TLS certificate checks: remove it in production')
    .optional(),
};

/** A TCP port, 0 to 65535; 0 lets the system choose. */
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number, such as 3000')
  .transform(Number)
  .refine((number) => number <= 65535, 'must be a port number up to 65535');

/** A GUID as Entra shows it, in lower case as in Entra's URLs and claims. */
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
    'must be the tenant\'s subdomain alone, such as "contoso" in contoso.onmicrosoft.com and contoso.ciamlogin.com',
  );

/** An absolute http or https URL without credentials, query or fragment; a trailing slash is dropped. */
export const httpUrl = z
  .string()
  .trim()
  .transform((value, context) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const problem = httpUrlProblem(value, url);
    if (!url || problem) {
      context.addIssue({ code: 'custom', message: problem ?? absoluteUrl });
      return z.NEVER;
    }
    return url.href.replace(/\/$/, '');
  });

const absoluteUrl = 'must be an absolute URL, such as https://www.example.com';

function httpUrlProblem(value: string, url: URL | undefined): string | undefined {
  // Before the URL is looked at: a password with / or # leaves one that cannot be parsed, or has another host.
  if (/^https?:\/\/.*@/i.test(value)) return 'must not contain a user name, a password or @';
  if (!url || !/^https?:$/.test(url.protocol)) return absoluteUrl;
  if (url.search || url.hash) return 'must not contain a query (?) or a fragment (#)';
  return undefined;
}

/** A whole number from `minimum` to `maximum`. */
export function wholeNumber(minimum: number, maximum: number) {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((number) => number >= minimum && number <= maximum, message);
}

/** Whether a URL leads to this machine. */
export function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
