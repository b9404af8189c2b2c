import { admit, field } from './addressPage.ts';
import { askCode, judgeCode, maskEmail } from './mailedCode.ts';
import type { Progress } from './progress.ts';
import { goTo, resumeSession, saveProgress, showPage, type Visit, type VisitRoutes } from './visit.ts';

export function codePages({ get, post }: VisitRoutes): void {
  get('/code', async (visit) => {
    const { progress, request, texts } = visit;
    if (!progress?.mailed) return goTo(visit, '');
    await sendCodePage(visit, progress, { notice: request.query.sent === 'again' ? texts.newCodeSent : undefined });
  });
  post('/code', async (visit) => {
    const { progress, request, texts, tenant } = visit;
    if (!progress?.mailed) return goTo(visit, '');
    const given = field(request, 'code').replaceAll(' ', '');
    const verdict = judgeCode(progress.mailed, given, tenant.clock.nowSeconds());
    if (verdict === 'right') return goOn(visit, progress);
    const mailed = { ...progress.mailed, triesLeft: progress.mailed.triesLeft - 1 };
    saveProgress(visit, { ...progress, mailed });
    await sendCodePage(visit, progress, { problem: texts.codeProblems[verdict] });
  });
  post('/resend', async (visit) => {
    const { progress, texts, tenant } = visit;
    if (!progress?.mailed) return goTo(visit, '');
    const waitSeconds = progress.mailed.resendAt - tenant.clock.nowSeconds();
    if (waitSeconds > 0) return sendCodePage(visit, progress, { notice: texts.waitForCode(waitSeconds) });
    askCode(visit, progress, '?sent=again');
  });
}

function sendCodePage(visit: Visit, { email }: Progress, message: Readonly<Record<string, string | undefined>>) {
  return showPage(visit, 'code', { maskedEmail: maskEmail(email), notice: undefined, ...message });
}

/** Continues after the right code, which cannot be used again. */
async function goOn(visit: Visit, progress: Progress): Promise<void> {
  const { mailed: _used, ...proven } = { ...progress, isProven: true };
  saveProgress(visit, proven);
  if (progress.purpose === 'sign-up') return goTo(visit, '/details');
  if (progress.purpose === 'reset') return goTo(visit, '/new-password');
  const customer = visit.tenant.customers.findByEmail(progress.email);
  if (!customer) return goTo(visit, '');
  if (progress.purpose === 'sign-in') return admit(visit, customer, 'otp');
  await resumeSession(visit, customer.oid, visit.contexts.join(' '));
}
