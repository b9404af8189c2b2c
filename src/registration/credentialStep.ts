import { createHash, X509Certificate } from 'node:crypto';
import { checked, type GraphClient } from './GraphClient.ts';
import { type Application, type PasswordCredential, secretAnswer } from './graphSchemas.ts';
import type { Manifest } from './manifest.ts';
import { present } from './read.ts';
import { type Judgement, needs, type Step } from './step.ts';

const secretLifetimeDays = 180;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Graph shows this many characters of a secret. */
const hintLength = 3;

/** How the web app authenticates. Comes last: Graph shows a secret once, so nothing after this step may fail. */
export const credentialStep: Step = {
  id: 'credential',
  needs: needs.applications,
  judge: (manifest, { web }, { now = new Date(), ...options }) => {
    switch (options.credential) {
      case 'keep':
        return { kind: 'leave', what: 'credentials of the web app' };
      case 'secret':
        return judgeSecret(manifest, web?.application, options.secret, now);
      case 'certificate':
        return judgeCertificate(manifest, web?.application, options.certificate, now);
    }
  },
};

function judgeSecret(
  manifest: Manifest,
  web: Application | undefined,
  secret: string | undefined,
  now: Date,
): Judgement {
  const title = 'secret of the web app';
  const secrets = web?.passwordCredentials ?? [];
  const isExpired = ({ endDateTime }: PasswordCredential) =>
    Boolean(endDateTime && Date.parse(endDateTime) <= now.getTime());
  if (secrets.filter(isOfSecret(secret)).some((each) => !isExpired(each))) return { kind: 'leave', what: title };
  // Secrets that an interrupted run did not save. Older ones stay: a colleague or production may use them.
  const since = now.getTime() - hourMs;
  const leftovers = secrets
    .filter(isOfRuns(manifest))
    .filter(({ startDateTime }) => Date.parse(startDateTime ?? '') >= since);
  const names = leftovers.map(({ displayName, hint }) => `${displayName} (${hint}…)`).join(', ');
  const removed = `; removes secrets that configure made in the last hour and that .env does not have: ${names}`;
  return {
    kind: 'create',
    what: leftovers.length === 0 ? title : title + removed,
    act: async ({ graph, saveSecret }) => {
      const { id } = present(web, 'the web app');
      for (const { keyId } of leftovers) await graph.post(`/applications/${id}/removePassword`, { keyId });
      await saveSecret(await addSecret(graph, manifest, id, now));
    },
  };
}

/** Makes a test for whether a credential may be this secret. */
export function isOfSecret(secret: string | undefined): (credential: PasswordCredential) => boolean {
  const known = secret?.slice(0, hintLength);
  return ({ hint }) => known !== undefined && hint === known;
}

/** Makes a test for whether configure or rotate made a credential. */
export function isOfRuns({ namePrefix }: Manifest) {
  return ({ displayName }: Pick<PasswordCredential, 'displayName'>) =>
    displayName?.startsWith(`${namePrefix} `) ?? false;
}

/** Adds a secret to the web app. @returns its value, which Graph shows only once */
export async function addSecret(graph: GraphClient, manifest: Manifest, applicationId: string, start = new Date()) {
  const passwordCredential = {
    displayName: credentialName(manifest, start),
    endDateTime: new Date(start.getTime() + secretLifetimeDays * dayMs).toISOString(),
  };
  const answer = await graph.post(`/applications/${applicationId}/addPassword`, { passwordCredential });
  return checked(secretAnswer, answer).secretText;
}

function credentialName({ namePrefix }: Manifest, day: Date): string {
  return `${namePrefix} ${day.toISOString().slice(0, 10)}`;
}

function judgeCertificate(manifest: Manifest, web: Application | undefined, pem: string, now: Date): Judgement {
  const what = 'certificate of the web app';
  if (web?.keyCredentials.some(isOfCertificate(pem))) return { kind: 'leave', what };
  return {
    kind: 'create',
    what,
    act: ({ graph }) => addCertificate(graph, manifest, present(web, 'the web app'), pem, now),
  };
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
 * @param pem the certificate
 * @see https://learn.microsoft.com/graph/api/application-update
 */
export async function addCertificate(
  graph: GraphClient,
  manifest: Manifest,
  web: Application,
  pem: string,
  now = new Date(),
): Promise<void> {
  const { raw, validFrom, validTo } = new X509Certificate(pem);
  const added = {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: raw.toString('base64'),
    customKeyIdentifier: createHash('sha1').update(raw).digest('base64'),
    displayName: credentialName(manifest, now),
    startDateTime: new Date(validFrom).toISOString(),
    endDateTime: new Date(validTo).toISOString(),
  };
  await graph.patch(`/applications/${web.id}`, { keyCredentials: [...web.keyCredentials, added] });
}
