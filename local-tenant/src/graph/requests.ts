import type { z } from 'zod';
import type { Tenant } from '../state/tenant.ts';
import { badRequest, notFound } from './GraphProblem.ts';
import type { CollectionName, Resource } from './resources.ts';

/** @throws {GraphProblem} 400 naming every property that is wrong */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => {
    const target = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') {
      return { code: 'InvalidValue', message: `${target}: ${issue.message}`, target };
    }
    const names = issue.keys.map((key) => `'${key}'`).join(', ');
    return { code: 'InvalidProperty', message: `Invalid property ${names}.`, target };
  });
  throw badRequest(details.map(({ message }) => message).join(' '), details);
}

/** The writable properties of a stored object after a PATCH: those in the body, and the stored ones for the rest. */
export function readChanges<Schema extends z.ZodObject>(schema: Schema, stored: object, body: unknown) {
  const writable = Object.keys(schema.shape).map((name) => [name, Reflect.get(stored, name)]);
  return readBody(schema, { ...Object.fromEntries(writable), ...Object(body) });
}

/** The object that the path or a body names. @throws {GraphProblem} 404 */
export function findObject<Name extends CollectionName>(
  { directory }: Tenant,
  name: Name,
  id: unknown,
): Resource<Name> {
  const given = String(id);
  // GUIDs may be written in either case; the ids of grants and role assignments are case-sensitive.
  const found = directory.find(name, /^[0-9a-f-]{36}$/i.test(given) ? given.toLowerCase() : given);
  if (!found) throw notFound(given);
  return found;
}
