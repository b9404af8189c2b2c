import { type Request, Router } from 'express';
import type { Tenant } from '../state/tenant.ts';
import { type Need, permitted } from './access.ts';
import { type ListOptions, listAnswer, objectAnswer } from './query.ts';

/** What one collection of Microsoft Graph does with requests. Its functions throw a GraphProblem to refuse one. */
export interface Collection<Item extends object> extends ListOptions {
  /** Below /v1.0; `:id` is the key of a parent. */
  readonly path: string;
  readonly needs: { readonly read: Need; readonly write?: Need };
  readonly shown?: (item: Item, request: Request) => object;
  readonly list: (request: Request) => readonly Item[];
  readonly create?: (request: Request) => Item;
  readonly find?: (request: Request) => Item;
  /** Items that can be changed can also be read one at a time. */
  readonly change?: (item: Item, request: Request) => void;
  readonly remove?: (item: Item, request: Request) => void;
}

/** Routes GET, POST, PATCH and DELETE to the functions of a collection, and answers as Graph does. */
export function collection<Item extends object>(tenant: Tenant, options: Collection<Item>): Router {
  const { path, needs, shown = (item) => item, list, create, find, change, remove } = options;
  const { read, write = read } = needs;
  const one = (request: Request, item: Item) => objectAnswer(tenant, request, options.name, shown(item, request));
  const router = Router();
  router.get(
    path,
    permitted(tenant, read, (request, response) => {
      const items = list(request).map((item) => shown(item, request));
      response.json(listAnswer(tenant, request, items, options));
    }),
  );
  if (create) {
    router.post(
      path,
      permitted(tenant, write, (request, response) => {
        response.status(201).json(one(request, create(request)));
      }),
    );
  }
  if (find && change) {
    router.get(
      `${path}/:key`,
      permitted(tenant, read, (request, response) => {
        response.json(one(request, find(request)));
      }),
    );
  }
  for (const [method, carryOut] of [['patch', change] as const, ['delete', remove] as const]) {
    if (!find || !carryOut) continue;
    router[method](
      `${path}/:key`,
      permitted(tenant, write, (request, response) => {
        carryOut(find(request), request);
        response.status(204).end();
      }),
    );
  }
  return router;
}
