import type { Request, Response, Router } from 'express';
import type { Tenant } from '../state/tenant.ts';
import { admit, field } from './addressPage.ts';
import { judgeCode, mailCode, maskEmail } from './mailedCode.ts';
import { sendPage } from './pages.ts';
import type { Progress } from './progress.ts';
import { resumeSession, saveProgress, type Visit, visitRoutes } from './visit.ts';

/** The page that asks for a mailed code, for every purpose. */
export function codePages(tenant: Tenant, base: string): Router {
  const { router, get, post } = visitRoutes(tenant, base);
  get('/code', async (visit, request, response) => {
    if (!visit.progress?.mailed) return response.redirect(303, visit.base);
    const notice = request.query.sent === 'again' ? visit.texts.newCodeSent : undefined;
    await sendCodePage(response, visit, visit.progress, { notice });
  });
  post('/code', async (visit, request, response) => {
    const { progress } = visit;
    if (!progress?.mailed) return response.redirect(303, visit.base);
    const given = field(request, 'code').replaceAll(' ', '');
    const verdict = judgeCode(progress.mailed, given, tenant.clock.nowSeconds());
    if (verdict === 'right') return goOn(tenant, visit, progress, request, response);
    const mailed = { ...progress.mailed, triesLeft: progress.mailed.triesLeft - 1 };
    saveProgress(tenant, visit, { ...progress, mailed });
    await sendCodePage(response, visit, progress, { problem: visit.texts.codeProblems[verdict] });
  });
  post('/resend', async (visit, _request, response) => {
    const { progress, texts } = visit;
    if (!progress?.mailed) return response.redirect(303, visit.base);
    const waitSeconds = progress.mailed.resendAt - tenant.clock.nowSeconds();
    if (waitSeconds > 0) {
      return sendCodePage(response, visit, progress, { notice: texts.waitForCode(waitSeconds) });
    }
    const mailed = mailCode(tenant, progress.email, texts.mailSubject);
    saveProgress(tenant, visit, { ...progress, mailed, isProven: false });
    response.redirect(303, `${visit.base}/code?sent=again`);
  });
  return router;
}

interface Message {
  readonly problem?: string | undefined;
  readonly notice?: string | undefined;
}

async function sendCodePage(response: Response, visit: Visit, { email }: Progress, { problem, notice }: Message) {
  const page = { ...visit, maskedEmail: maskEmail(email), problem, notice };
  await sendPage(response, 'code', page, problem ? 400 : 200);
}

/** Continues after the right code, which cannot be used again. */
async function goOn(tenant: Tenant, visit: Visit, progress: Progress, request: Request, response: Response) {
  const { mailed: _used, ...proven } = { ...progress, isProven: true };
  saveProgress(tenant, visit, proven);
  if (progress.purpose === 'sign-up') return response.redirect(303, `${visit.base}/details`);
  if (progress.purpose === 'reset') return response.redirect(303, `${visit.base}/new-password`);
  const customer = tenant.customers.findByEmail(progress.email);
  if (!customer) return response.redirect(303, visit.base);
  if (progress.purpose === 'sign-in') return admit(tenant, visit, request, response, { customer, factor: 'otp' });
  await resumeSession(tenant, request, response, customer.oid, visit.contexts.join(' '));
}
