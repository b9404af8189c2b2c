import express, { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { faultNames } from './faults/Faults.ts';
import { resetTenant } from './state/createTenant.ts';
import type { Tenant } from './state/tenant.ts';

const clockMove = z.strictObject({
  advanceSeconds: z
    .int()
    .min(0)
    .max(10 * 365 * 86_400),
});
const lifetime = z.strictObject({ seconds: z.int().min(1).max(86_400).nullable() });
const fault = z.strictObject({ name: z.enum(faultNames), times: z.int().min(0).max(1_000_000) });
const rotation = z.strictObject({ abrupt: z.boolean().default(false) });
const graphReads = z.strictObject({
  hiddenReads: z.int().min(0).max(100).optional(),
  pageSize: z.int().min(1).max(999).optional(),
});
const nothing = z.unknown();

/**
 * What tests do to the tenant, under /dev/. Each request is JSON, which a page of another site cannot post without a
 * preflight, and that is not answered.
 */
export function devControl(tenant: Tenant): Router {
  const router = Router();
  const customer = z.string().transform((email, context) => {
    const found = tenant.customers.findByEmail(email);
    if (!found) context.addIssue({ code: 'custom', message: 'This address has no account.' });
    return found ?? z.NEVER;
  });
  const command = <Schema extends z.ZodType>(
    name: string,
    schema: Schema,
    run: (input: z.output<Schema>) => Promise<void> | void,
  ) =>
    router.post(`/dev/${name}`, express.json({ limit: '16kb' }), async (request: Request, response: Response) => {
      if (!request.is('json')) return void response.status(415).json({ problem: 'Send JSON.' });
      const input = schema.safeParse(request.body);
      if (!input.success) return void response.status(400).json({ problem: z.prettifyError(input.error) });
      await run(input.data);
      response.status(204).end();
    });

  command('reset', nothing, () => resetTenant(tenant));
  command('clock', clockMove, ({ advanceSeconds }) => tenant.clock.advance(advanceSeconds));
  command('access-token-lifetime', lifetime, ({ seconds }) => {
    tenant.lifetimes.accessToken = seconds ?? undefined;
  });
  command('revoke', z.strictObject({ email: customer }), ({ email }) => tenant.refreshTokens.revokeAll(email.oid));
  command('rotate-keys', rotation, ({ abrupt }) => (abrupt ? tenant.keys.replace() : tenant.keys.rotate()));
  router.get('/dev/faults', (_request, response) => response.json(tenant.faults.list()));
  command('faults', fault, ({ name, times }) => tenant.faults.arm(name, times));
  command('graph', graphReads, ({ hiddenReads, pageSize }) => {
    if (hiddenReads !== undefined) tenant.directory.newObjectsHiddenReads = hiddenReads;
    if (pageSize !== undefined) tenant.directory.pageSize = pageSize;
  });
  router.get('/dev/token-answers', (_request, response) => response.json(Object.fromEntries(tenant.tokenAnswers)));
  return router;
}
