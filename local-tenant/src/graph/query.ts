import type { Request } from 'express';
import type { GraphDirectory } from './GraphDirectory.ts';
import { GraphProblem } from './GraphProblem.ts';

type Shown = Readonly<Record<string, unknown>>;

const known = ['$filter', '$select', '$top', '$skiptoken'];

/** How a list is asked for. */
export interface ListOptions {
  /** Its name in `@odata.context`. */
  readonly name: string;
  /** The properties that `$filter` compares. */
  readonly filterable: readonly string[];
  /** A filter of a form of its own: undefined if the text is not of that form. */
  readonly specialFilter?: (text: string) => ((shown: Shown) => boolean) | undefined;
}

/**
 * One page of a list, as the request's query wants it.
 * @throws {GraphProblem} 400 for what this subset does not understand.
 * @see https://learn.microsoft.com/graph/query-parameters
 */
export function listAnswer(
  { pageSize }: Pick<GraphDirectory, 'pageSize'>,
  request: Request,
  graphUrl: string,
  objects: readonly Shown[],
  options: ListOptions,
): object {
  const query = readQuery(request);
  const matching = objects.filter(filterOf(query.get('$filter'), options));
  const size = wholeNumber(query.get('$top')) ?? pageSize;
  const start = wholeNumber(query.get('$skiptoken')) ?? 0;
  const end = start + size;
  const next = new URL(`${graphUrl}${request.path}`);
  for (const [name, value] of query) next.searchParams.set(name, value);
  next.searchParams.set('$skiptoken', String(end));
  return {
    '@odata.context': `${graphUrl}/$metadata#${options.name}`,
    ...(end < matching.length ? { '@odata.nextLink': next.href } : {}),
    value: matching.slice(start, end).map((shown) => selected(shown, query.get('$select'))),
  };
}

/** One object. @throws {GraphProblem} */
export function objectAnswer(request: Request, graphUrl: string, name: string, shown: Shown): object {
  const query = readQuery(request);
  return { '@odata.context': `${graphUrl}/$metadata#${name}/$entity`, ...selected(shown, query.get('$select')) };
}

function readQuery({ query }: Request): Map<string, string> {
  const entries = Object.entries<unknown>(query).map(([name, value]) => {
    if (!known.includes(name) || typeof value !== 'string') {
      throw invalid(
        `The query parameter '${name}' is not understood by the local tenant, which knows ${known.join(', ')}.`,
      );
    }
    return [name, value] as const;
  });
  return new Map(entries);
}

function filterOf(text: string | undefined, { filterable, specialFilter }: ListOptions): (shown: Shown) => boolean {
  if (text === undefined) return () => true;
  const special = specialFilter?.(text);
  if (special) return special;
  const conditions = text.split(/ and (?=\w+ eq ')/).map((condition) => {
    const [, property = '', quoted] = /^(\w+) eq '((?:[^']|'')*)'$/.exec(condition.trim()) ?? [];
    if (quoted === undefined || !filterable.includes(property)) {
      const forms = filterable.map((name) => `${name} eq '…'`).join(', ');
      throw invalid(
        `The local tenant does not understand the filter ${text}. It understands: ${forms}, joined by and.`,
      );
    }
    // Graph compares texts without regard to case.
    const wanted = quoted.replaceAll("''", "'").toLowerCase();
    return (shown: Shown) => String(shown[property] ?? '').toLowerCase() === wanted;
  });
  return (shown) => conditions.every((holds) => holds(shown));
}

function selected(shown: Shown, select: string | undefined): Shown {
  if (select === undefined) return shown;
  const names = select.split(',').map((name) => name.trim());
  return Object.fromEntries(names.filter((name) => Object.hasOwn(shown, name)).map((name) => [name, shown[name]]));
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text)) throw invalid('$top and $skiptoken must be whole numbers.');
  return Number(text);
}

function invalid(message: string): GraphProblem {
  return new GraphProblem(400, 'Request_UnsupportedQuery', message);
}
