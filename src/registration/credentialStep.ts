import { createHash, X509Certificate } from 'node:crypto';
import { checked, type GraphClient } from './GraphClient.ts';
import { type Application, type PasswordCredential, secretAnswer } from './graphSchemas.ts';
import { type Manifest, uniqueNameOf } from './manifest.ts';
import { present, readApplication } from './read.ts';
import { type Judgement, needs, type PlanOptions, type Step, type StepContext } from './step.ts';

const secretLifetimeDays = 180;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Graph shows this many characters of a secret. */
const hintLength = 3;

/** How the web app authenticates. Comes last: Graph shows a secret once, so nothing after this step may fail. */
export const credentialStep: Step = {
  id: 'credential',
  needs: needs.applications,
  judge: (manifest, { web }, options) => {
    switch (options.credential) {
      case 'keep':
        return { kind: 'leave', what: 'credentials of the web app' };
      case 'secret':
        return judgeSecret(manifest, web?.application, options);
      case 'certificate':
        return {
          kind: isRegistered(web?.application, options) ? 'leave' : 'create',
          what: 'certificate of the web app',
        };
    }
  },
  run: async (context) => {
    const { graph, manifest, options } = context;
    if (options.credential === 'keep') return;
    const web = present(await readApplication(graph, uniqueNameOf(manifest, 'web')), 'the web app');
    await (options.credential === 'secret' ? giveSecret(context, web) : giveCertificate(context, web));
  },
};

function judgeSecret(manifest: Manifest, web: Application | undefined, options: PlanOptions): Judgement {
  const title = 'secret of the web app';
  if (web && hasSecret(web, options)) return { kind: 'leave', what: title };
  const leftovers = web ? leftoverSecrets(manifest, web, options) : [];
  if (leftovers.length === 0) return { kind: 'create', what: title };
  const names = leftovers.map(({ displayName, hint }) => `${displayName} (${hint}…)`).join(', ');
  const what = `${title}; removes secrets that configure made in the last hour and that .env does not have: ${names}`;
  return { kind: 'create', what };
}

/** Secrets that an interrupted run did not save. Older ones stay: a colleague or production may use them. */
function leftoverSecrets(manifest: Manifest, web: Application, { now }: PlanOptions): PasswordCredential[] {
  const since = timeOf(now).getTime() - hourMs;
  return secretsOfRuns(manifest, web).filter(({ startDateTime }) => Date.parse(startDateTime ?? '') >= since);
}

function hasSecret({ passwordCredentials }: Application, { secret, now }: PlanOptions): boolean {
  const isCurrent = isOfSecret(secret);
  const isExpired = ({ endDateTime }: PasswordCredential) =>
    endDateTime ? Date.parse(endDateTime) <= timeOf(now).getTime() : false;
  return passwordCredentials.some((credential) => isCurrent(credential) && !isExpired(credential));
}

/** Makes a test for whether a credential may be this secret. */
export function isOfSecret(secret: string | undefined): (credential: PasswordCredential) => boolean {
  const known = secret?.slice(0, hintLength);
  return ({ hint }) => known !== undefined && hint === known;
}

function timeOf(now: PlanOptions['now']): Date {
  return now?.() ?? new Date();
}

/** The secrets that configure or rotate made, in any run. */
export function secretsOfRuns(manifest: Manifest, { passwordCredentials }: Application): PasswordCredential[] {
  return passwordCredentials.filter((each) => isOfRuns(manifest, each));
}

/** Whether configure or rotate made the credential. */
export function isOfRuns(
  { namePrefix }: Manifest,
  { displayName }: { readonly displayName?: string | null | undefined },
): boolean {
  return displayName?.startsWith(`${namePrefix} `) ?? false;
}

async function giveSecret({ graph, manifest, options, saveSecret }: StepContext, web: Application): Promise<void> {
  if (hasSecret(web, options)) return;
  for (const { keyId } of leftoverSecrets(manifest, web, options)) {
    await graph.post(`/applications/${web.id}/removePassword`, { keyId });
  }
  await saveSecret(await addSecret(graph, manifest, web, timeOf(options.now)));
}

/** Adds a secret to the web app. @returns its value, which Graph shows only once */
export async function addSecret(graph: GraphClient, manifest: Manifest, web: Application, start: Date) {
  const passwordCredential = {
    displayName: credentialName(manifest, start),
    endDateTime: new Date(start.getTime() + secretLifetimeDays * dayMs).toISOString(),
  };
  const answer = await graph.post(`/applications/${web.id}/addPassword`, { passwordCredential });
  return checked(secretAnswer, answer).secretText;
}

function credentialName({ namePrefix }: Manifest, day: Date): string {
  return `${namePrefix} ${day.toISOString().slice(0, 10)}`;
}

function isRegistered(web: Application | undefined, { certificate }: PlanOptions): boolean {
  return certificate !== undefined && (web?.keyCredentials ?? []).some(isOfCertificate(certificate));
}

/** Makes a test for whether a key credential is this certificate. @param pem its public half */
export function isOfCertificate(pem: string): (credential: Application['keyCredentials'][number]) => boolean {
  const hex = new X509Certificate(pem).fingerprint.replaceAll(':', '');
  // Graph shows the bytes in base64; older registrations have the thumbprint as text.
  const forms = [hex, Buffer.from(hex, 'hex').toString('base64'), Buffer.from(hex).toString('base64')];
  return ({ customKeyIdentifier }) => forms.includes(customKeyIdentifier ?? '');
}

/**
 * Registers the public half. A PATCH replaces the list, so the existing entries are sent again: without their keys, as
 * Graph shows them, and Graph keeps the keys.
 * @see https://learn.microsoft.com/graph/api/application-update
 */
async function giveCertificate({ graph, manifest, options }: StepContext, web: Application): Promise<void> {
  if (isRegistered(web, options)) return;
  const { raw, validFrom, validTo } = new X509Certificate(options.certificate ?? '');
  const added = {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: raw.toString('base64'),
    customKeyIdentifier: createHash('sha1').update(raw).digest('base64'),
    displayName: credentialName(manifest, timeOf(options.now)),
    startDateTime: new Date(validFrom).toISOString(),
    endDateTime: new Date(validTo).toISOString(),
  };
  await graph.patch(`/applications/${web.id}`, { keyCredentials: [...web.keyCredentials, added] });
}
