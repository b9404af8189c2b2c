import { certificateFolder, confirm, type Dependencies, openSession, type Session } from './adminSession.ts';
import { apply } from './apply.ts';
import { makeCertificate, readCertificate, saveCertificate } from './certificate.ts';
import type { SharedOptions } from './commandLine.ts';
import { assertOurs } from './conflict.ts';
import { isOfCertificate, isOfRuns, isOfSecret, newSecret, secretsOfRuns } from './credentialStep.ts';
import type { Application } from './directory.ts';
import { NotDone } from './errors.ts';
import { uniqueNameOf } from './manifest.ts';
import { readApplication } from './read.ts';

const permissions = ['Application.ReadWrite.All'];

/** One way in which the web app proves who it is. */
interface Rotation {
  /** What it is called to a person. */
  readonly noun: 'secret' | 'certificate';
  readonly add: () => Promise<void>;
  /** The names of those that configure or rotate made, but the one in `.env`. */
  readonly older: readonly string[];
  /** @throws {NotDone} when the one in `.env` is none of the app's */
  readonly removeOlder: () => Promise<void>;
}

/**
 * Gives the web app a new secret or certificate beside the old one, so that what still runs with the old one goes on.
 * @param isFinish removes the older ones instead
 */
export async function rotate(
  options: SharedOptions,
  { isFinish }: { readonly isFinish: boolean },
  dependencies: Dependencies,
): Promise<void> {
  const { output } = dependencies;
  const session = await openSession(options, {}, permissions, dependencies);
  const { noun, add, older, removeOlder } = await rotationOf(session, dependencies);
  if (isFinish && older.length === 0) return output.event({ result: 'nothing to do' }, 'Nothing to do.');
  if (isFinish) for (const name of older) output.event({ remove: name }, `- remove  ${noun} ${name}`);
  else output.event({ create: noun }, `+ create  a new ${noun} of the web app; the old one stays`);
  if (options.isDryRun) return;
  await confirm(options, dependencies);
  await (isFinish ? removeOlder() : add());
  output.event({ result: 'done' }, 'Done.');
  if (!isFinish) output.message('Once every instance runs with the new one: npm run rotate -- --finish');
}

async function rotationOf(session: Session, dependencies: Dependencies): Promise<Rotation> {
  const { graph, manifest, settings } = session;
  const app = await readApplication(graph, uniqueNameOf(manifest, 'web'));
  if (!app) throw new NotDone('The tenant has no web app that configure made. Run configure.');
  assertOurs(manifest, app);
  if (settings.CLIENT_ID?.trim().toLowerCase() !== app.appId.toLowerCase()) {
    throw new NotDone('CLIENT_ID in .env is not the web app that configure made. Run configure.');
  }
  const isCertificate = Boolean(settings.CLIENT_CERTIFICATE_PATH?.trim());
  return isCertificate ? await ofCertificate(session, app, dependencies) : ofSecret(session, app, dependencies);
}

function ofSecret({ graph, manifest, settings }: Session, app: Application, { envFile }: Dependencies): Rotation {
  const isCurrent = isOfSecret(settings.CLIENT_SECRET?.trim());
  const older = secretsOfRuns(manifest, app).filter((each) => !isCurrent(each));
  return {
    noun: 'secret',
    add: async () => {
      const { value } = await newSecret(graph, manifest, app, new Date());
      await envFile.change({ CLIENT_SECRET: value });
    },
    older: older.map(({ displayName, hint }) => `${displayName} (${hint}…)`),
    removeOlder: async () => {
      checkCurrent(app.passwordCredentials.some(isCurrent), 'CLIENT_SECRET');
      for (const { keyId } of older) await graph.post(`/applications/${app.id}/removePassword`, { keyId });
    },
  };
}

async function ofCertificate(session: Session, app: Application, { envFile, folder }: Dependencies): Promise<Rotation> {
  const { graph, manifest, settings } = session;
  const current = await readCertificate(settings.CLIENT_CERTIFICATE_PATH?.trim() ?? '');
  const isCurrent = current ? isOfCertificate(current.pem) : () => false;
  const older = app.keyCredentials.filter(isOfRuns(manifest)).filter((each) => !isCurrent(each));
  return {
    noun: 'certificate',
    add: async () => {
      const made = await makeCertificate(certificateFolder(folder), `${manifest.namePrefix}-web`);
      await saveCertificate(made);
      const options = { credential: 'certificate', certificate: made.pem } as const;
      const step = { id: 'credential', kind: 'create', what: 'certificate of the web app' } as const;
      await apply(step, { graph, manifest, options, saveSecret: async () => {} });
      await envFile.change({ CLIENT_CERTIFICATE_PATH: made.path });
    },
    older: older.map(({ displayName, endDateTime }) => `${displayName} (until ${endDateTime?.slice(0, 10)})`),
    removeOlder: async () => {
      checkCurrent(app.keyCredentials.some(isCurrent), 'CLIENT_CERTIFICATE_PATH');
      const keyCredentials = app.keyCredentials.filter((each) => !older.includes(each));
      await graph.patch(`/applications/${app.id}`, { keyCredentials });
    },
  };
}

/** Without this a `.env` that is out of date would cost the app its last credential. */
function checkCurrent(isRegistered: boolean, setting: string): void {
  if (!isRegistered)
    throw new NotDone(`${setting} in .env is none of the web app's: nothing was removed. Run configure.`);
}
