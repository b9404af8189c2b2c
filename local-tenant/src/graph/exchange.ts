import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Tenant } from '../state/tenant.ts';
import { authenticate, authorize, type Need } from './access.ts';
import { badRequest, notFound } from './GraphProblem.ts';
import type { CollectionName, Resource } from './resources.ts';

/** A tenant as it is reached through Microsoft Graph. */
export interface Graph {
  readonly tenant: Tenant;
  /** The address that ends in /v1.0. */
  readonly url: string;
}

/** A handler for those who have what is needed. @throws {GraphProblem} 401 or 403 */
export function permitted(
  { tenant }: Graph,
  need: Need,
  answer: (request: Request, response: Response) => unknown,
): RequestHandler {
  return async (request, response) => {
    authorize(await authenticate(tenant, request), need);
    await answer(request, response);
  };
}

/** @throws {GraphProblem} 400 naming every property that is wrong */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => {
    const target = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys')
      return { code: 'InvalidValue', message: `${target}: ${issue.message}`, target };
    const names = issue.keys.map((key) => `'${key}'`).join(', ');
    return { code: 'InvalidProperty', message: `Invalid property ${names}.`, target };
  });
  throw badRequest(details.map(({ message }) => message).join(' '), details);
}

/** The object that the path or a body names. @throws {GraphProblem} 404 */
export function findObject<Name extends CollectionName>({ tenant }: Graph, name: Name, id: unknown): Resource<Name> {
  const given = String(id);
  // GUIDs may be spelled in any case; the ids of grants and assignments may not.
  const found = tenant.directory.find(name, /^[0-9a-f-]{36}$/i.test(given) ? given.toLowerCase() : given);
  if (!found) throw notFound(given);
  return found;
}
