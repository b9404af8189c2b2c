import type { Request } from 'express';
import type { TenantConfig } from '../config.ts';
import type { Tenant } from '../state/tenant.ts';
import { GraphProblem } from './GraphProblem.ts';

const supported = ['$filter', '$select', '$top', '$skiptoken'];

export interface ListOptions {
  readonly name: string;
  /** The properties that `$filter` can compare; default: none. */
  readonly filterable?: readonly string[];
  /** Reads a filter of another form; undefined if the text does not have that form. */
  readonly specialFilter?: (text: string) => ((shown: object) => boolean) | undefined;
}

export const graphPath = '/graph/v1.0';

export function metadataUrl({ baseUrl }: TenantConfig, name: string): string {
  return `${baseUrl}${graphPath}/$metadata#${name}`;
}

/** @see https://learn.microsoft.com/graph/query-parameters */
export function listAnswer(
  { config, directory }: Tenant,
  request: Request,
  objects: readonly object[],
  options: ListOptions,
): object {
  const query = readQuery(request);
  const matching = objects.filter(filterOf(query.get('$filter'), options));
  const size = wholeNumber(query.get('$top')) ?? directory.pageSize;
  const start = wholeNumber(query.get('$skiptoken')) ?? 0;
  const end = start + size;
  const next = new URL(`${config.baseUrl}${graphPath}${request.path}`);
  for (const [name, value] of query) next.searchParams.set(name, value);
  next.searchParams.set('$skiptoken', String(end));
  return {
    '@odata.context': metadataUrl(config, options.name),
    ...(end < matching.length ? { '@odata.nextLink': next.href } : {}),
    value: matching.slice(start, end).map((shown) => selected(shown, query.get('$select'))),
  };
}

export function objectAnswer({ config }: Tenant, request: Request, name: string, shown: object): object {
  const query = readQuery(request);
  return { '@odata.context': metadataUrl(config, `${name}/$entity`), ...selected(shown, query.get('$select')) };
}

function readQuery({ query }: Request): Map<string, string> {
  const entries = Object.entries<unknown>(query).map(([name, value]) => {
    if (!supported.includes(name) || typeof value !== 'string') {
      throw unsupported(
        `The query parameter '${name}' is not understood by the local tenant, which knows ${supported.join(', ')}.`,
      );
    }
    return [name, value] as const;
  });
  return new Map(entries);
}

function filterOf(
  text: string | undefined,
  { filterable = [], specialFilter }: ListOptions,
): (shown: object) => boolean {
  if (text === undefined) return () => true;
  const special = specialFilter?.(text);
  if (special) return special;
  const conditions = text.split(/ and (?=\w+ eq ')/).map((condition) => {
    const [, property = '', quoted] = /^(\w+) eq '((?:[^']|'')*)'$/.exec(condition.trim()) ?? [];
    if (quoted === undefined || !filterable.includes(property)) {
      const forms = filterable.map((name) => `${name} eq '…'`).join(', ');
      throw unsupported(
        `The local tenant does not understand the filter ${text}. It understands: ${forms}, joined by and.`,
      );
    }
    // Graph ignores case when it compares text.
    const wanted = quoted.replaceAll("''", "'").toLowerCase();
    return (shown: object) => String(Reflect.get(shown, property) ?? '').toLowerCase() === wanted;
  });
  return (shown) => conditions.every((holds) => holds(shown));
}

function selected(shown: object, select: string | undefined): object {
  if (select === undefined) return shown;
  const names = select.split(',').map((name) => name.trim());
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(shown, name)).map((name) => [name, Reflect.get(shown, name)]),
  );
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) throw unsupported('$top and $skiptoken must be whole numbers.');
  return Number(text);
}

function unsupported(message: string): GraphProblem {
  return new GraphProblem(400, 'Request_UnsupportedQuery', message);
}
