import { createHash, X509Certificate } from 'node:crypto';
import type { ApplyContext, NewSecret } from './apply.ts';
import { type Application, type PasswordCredential, secretAnswer } from './directory.ts';
import { checked, type GraphClient } from './GraphClient.ts';
import { type Manifest, uniqueNameOf } from './manifest.ts';
import type { PlanOptions } from './plan.ts';
import { present, readApplication } from './read.ts';
import { type Judgement, needs, type StepDefinition } from './stepDefinition.ts';

/** How long a new secret is accepted. */
export const secretLifetimeDays = 180;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const hintLength = 3;

/** How the web app proves who it is. Comes last, because a secret is shown once: what precedes should not fail any more. */
export const credentialStep: StepDefinition = {
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
  return {
    kind: 'create',
    what: `${title}; removes what runs of the last hour made and .env does not hold, so that nobody can use it any more: ${names}`,
  };
}

/** A run that was killed is soon repeated. An older secret may be in use elsewhere, by a colleague or in production. */
function leftoverSecrets(manifest: Manifest, web: Application, { now }: PlanOptions): PasswordCredential[] {
  const since = timeOf(now).getTime() - hourMs;
  return secretsOfRuns(manifest, web).filter(({ startDateTime }) => Date.parse(startDateTime ?? '') >= since);
}

/** Graph shows the first characters of a secret, and never more. */
function hasSecret({ passwordCredentials }: Application, { secret, now }: PlanOptions): boolean {
  const isCurrent = isOfSecret(secret);
  const isOver = ({ endDateTime }: PasswordCredential) =>
    endDateTime ? Date.parse(endDateTime) <= timeOf(now).getTime() : false;
  return passwordCredentials.some((credential) => isCurrent(credential) && !isOver(credential));
}

/** Tells which of an app's secrets may be this one. */
export function isOfSecret(secret: string | undefined): (credential: PasswordCredential) => boolean {
  const known = secret?.slice(0, hintLength);
  return ({ hint }) => known !== undefined && hint === known;
}

function timeOf(now: PlanOptions['now']): Date {
  return now?.() ?? new Date();
}

/** @returns the secrets that configure made, in this run or another */
export function secretsOfRuns(manifest: Manifest, { passwordCredentials }: Application): PasswordCredential[] {
  return passwordCredentials.filter(isOfRuns(manifest));
}

/** Tells which credentials configure or rotate made. */
export function isOfRuns({
  namePrefix,
}: Manifest): (credential: { readonly displayName?: string | null | undefined }) => boolean {
  return ({ displayName }) => displayName?.startsWith(`${namePrefix} `) ?? false;
}

/** What a run that was killed before `.env` was written has left is removed first, so that secrets cannot pile up. */
async function giveSecret({ graph, manifest, options, saveSecret }: ApplyContext, web: Application) {
  if (hasSecret(web, options)) return;
  for (const { keyId } of leftoverSecrets(manifest, web, options)) {
    await graph.post(`/applications/${web.id}/removePassword`, { keyId });
  }
  await saveSecret(await newSecret(graph, manifest, web, timeOf(options.now)));
}

/** Gives the web app one more secret, which Graph shows this once. */
export async function newSecret(
  graph: GraphClient,
  manifest: Manifest,
  web: Application,
  start: Date,
): Promise<NewSecret> {
  const passwordCredential = {
    displayName: credentialName(manifest, start),
    endDateTime: new Date(start.getTime() + secretLifetimeDays * dayMs).toISOString(),
  };
  const answer = await graph.post(`/applications/${web.id}/addPassword`, { passwordCredential });
  const { secretText, keyId, endDateTime } = checked(secretAnswer, answer);
  return { value: secretText, keyId, expiresAt: endDateTime };
}

/** The name of a credential that configure or rotate makes: the prefix and the day. */
export function credentialName({ namePrefix }: Manifest, day: Date): string {
  return `${namePrefix} ${day.toISOString().slice(0, 10)}`;
}

function isRegistered(web: Application | undefined, { certificate }: PlanOptions): boolean {
  return certificate !== undefined && (web?.keyCredentials ?? []).some(isOfCertificate(certificate));
}

/** Tells which of an app's certificates is this one. @param pem its public half */
export function isOfCertificate(pem: string): (credential: Application['keyCredentials'][number]) => boolean {
  const hex = new X509Certificate(pem).fingerprint.replaceAll(':', '');
  // Graph shows the bytes in base64; older registrations have the thumbprint as text.
  const forms = [hex, Buffer.from(hex, 'hex').toString('base64'), Buffer.from(hex).toString('base64')];
  return ({ customKeyIdentifier }) => forms.includes(customKeyIdentifier ?? '');
}

/**
 * Registers the public half. A PATCH replaces the list, so that what is there is sent again; Graph shows it without
 * the keys and keeps them.
 * @see https://learn.microsoft.com/graph/api/application-update
 */
async function giveCertificate({ graph, manifest, options }: ApplyContext, web: Application): Promise<void> {
  if (isRegistered(web, options)) return;
  const { raw, validFrom, validTo } = new X509Certificate(options.certificate ?? '');
  const added = {
    ...{ type: 'AsymmetricX509Cert', usage: 'Verify', key: raw.toString('base64') },
    customKeyIdentifier: createHash('sha1').update(raw).digest('base64'),
    displayName: credentialName(manifest, timeOf(options.now)),
    ...{ startDateTime: new Date(validFrom).toISOString(), endDateTime: new Date(validTo).toISOString() },
  };
  await graph.patch(`/applications/${web.id}`, { keyCredentials: [...web.keyCredentials, added] });
}
