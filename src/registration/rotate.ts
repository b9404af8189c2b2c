import { NotDone } from '../entra/terminal/CommandError.ts';
import { type AdminSession, confirm, type Dependencies, openAdminSession } from './adminSession.ts';
import { makeCertificate, readCertificate, saveCertificate } from './certificateFile.ts';
import { assertOurs } from './conflict.ts';
import { addCertificate, addSecret, isOfCertificate, isOfRuns, isOfSecret } from './credentialStep.ts';
import { GraphError } from './GraphClient.ts';
import type { Application } from './graphSchemas.ts';
import { uniqueNameOf } from './manifest.ts';
import { readApplications } from './read.ts';
import type { CommandOptions } from './readArguments.ts';
import { StepFailed } from './runPlan.ts';
import { needs } from './step.ts';

/** How the secret or the certificate of the web app is replaced. */
interface Rotation {
  readonly noun: 'secret' | 'certificate';
  readonly add: () => Promise<void>;
  /** The names of the credentials that configure or rotate made, without the one in `.env`. */
  readonly older: readonly string[];
  /** @throws {NotDone} if the app does not have the credential in `.env` */
  readonly removeOlder: () => Promise<void>;
}

/**
 * Adds a secret or certificate to the web app. The old one stays valid for instances that still use it, until
 * `--finish` removes it.
 */
export async function rotate(options: CommandOptions, dependencies: Dependencies): Promise<void> {
  const { output } = dependencies;
  const session = await openAdminSession(options, ['Application.ReadWrite.All', 'Organization.Read.All'], dependencies);
  const { noun, add, older, removeOlder } = await rotationOf(session, dependencies);
  if (options.isFinish) {
    if (older.length === 0) return output.result({ result: 'nothing to do' }, 'Nothing to do.');
    for (const name of older) output.result({ remove: name }, { label: '- remove', text: `${noun} ${name}` });
  } else {
    output.result({ create: noun }, { label: '+ create', text: `a new ${noun} of the web app; the old one stays` });
  }
  if (options.isDryRun) return;
  await confirm(options, dependencies);
  try {
    await (options.isFinish ? removeOlder() : add());
  } catch (error) {
    throw error instanceof GraphError ? new StepFailed(`${noun} of the web app`, needs.applications, error) : error;
  }
  output.result({ result: 'done' }, 'Done.');
  if (!options.isFinish) output.message('When every instance uses the new one, run: npm run rotate -- --finish');
}

async function rotationOf(session: AdminSession, dependencies: Dependencies): Promise<Rotation> {
  const { graph, manifest, settings } = session;
  const name = uniqueNameOf(manifest, 'web');
  const app = (await readApplications(graph, manifest)).find(({ uniqueName }) => uniqueName === name);
  if (!app) throw new NotDone('The tenant has no web app that configure made. Run configure first.');
  assertOurs(manifest, app);
  if (settings.CLIENT_ID?.trim().toLowerCase() !== app.appId.toLowerCase()) {
    throw new NotDone('CLIENT_ID in .env is not the web app that configure made. Run configure first.');
  }
  const isCertificate = Boolean(settings.CLIENT_CERTIFICATE_PATH?.trim());
  return isCertificate
    ? await certificateRotation(session, app, dependencies)
    : secretRotation(session, app, dependencies);
}

function secretRotation(
  { graph, manifest, settings }: AdminSession,
  app: Application,
  { envFile }: Dependencies,
): Rotation {
  const isCurrent = isOfSecret(settings.CLIENT_SECRET?.trim());
  const older = app.passwordCredentials.filter(isOfRuns(manifest)).filter((each) => !isCurrent(each));
  return {
    noun: 'secret',
    add: async () => envFile.change({ CLIENT_SECRET: await addSecret(graph, manifest, app.id) }),
    older: older.map(({ displayName, hint }) => `${displayName} (${hint}…)`),
    removeOlder: async () => {
      assertCurrent(app.passwordCredentials.some(isCurrent), 'CLIENT_SECRET');
      for (const { keyId } of older) await graph.post(`/applications/${app.id}/removePassword`, { keyId });
    },
  };
}

async function certificateRotation(
  { graph, manifest, settings }: AdminSession,
  app: Application,
  { envFile, folder }: Dependencies,
): Promise<Rotation> {
  const current = await readCertificate(settings.CLIENT_CERTIFICATE_PATH?.trim() ?? '');
  const isCurrent = current ? isOfCertificate(current.pem) : () => false;
  const older = app.keyCredentials.filter(isOfRuns(manifest)).filter((each) => !isCurrent(each));
  return {
    noun: 'certificate',
    add: async () => {
      const made = await makeCertificate(folder, `${manifest.namePrefix}-web`);
      await saveCertificate(made);
      await addCertificate(graph, manifest, app, made.pem);
      await envFile.change({ CLIENT_CERTIFICATE_PATH: made.path });
    },
    older: older.map(({ displayName, endDateTime }) => `${displayName} (until ${endDateTime?.slice(0, 10)})`),
    removeOlder: async () => {
      assertCurrent(app.keyCredentials.some(isCurrent), 'CLIENT_CERTIFICATE_PATH');
      const keyCredentials = app.keyCredentials.filter((each) => !older.includes(each));
      await graph.patch(`/applications/${app.id}`, { keyCredentials });
    },
  };
}

/** Otherwise an outdated `.env` would cost the app its last working credential. */
function assertCurrent(isRegistered: boolean, setting: string): void {
  if (isRegistered) return;
  throw new NotDone(`The web app does not have ${setting} of .env, so nothing was removed. Run configure first.`);
}
