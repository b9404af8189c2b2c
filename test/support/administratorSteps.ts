import { seededPassword } from 'entra-local-tenant';
import { Browser } from './Browser.ts';
import { type CommandEnded, endOf, startRegistration } from './registrationCommand.ts';

export const administratorEmail = 'admin@contoso.onmicrosoft.com';

/** Signs a person of the local tenant in, in a browser that an app on this machine opened at this address. */
export async function signInAt(url: string, email: string = administratorEmail): Promise<void> {
  const browser = new Browser();
  await browser.goto(url);
  await browser.submit('Next', { email });
  await browser.submit('Sign in', { password: seededPassword });
  await browser.submit('Continue');
}

/** Runs a command to its end; the local tenant's administrator signs in with a browser. */
export async function runAsAdministrator(
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CommandEnded> {
  // Without a PATH the command cannot open a real browser.
  const { program, keyboard } = startRegistration(args, folder, { PATH: '', ...env });
  keyboard.end();
  const [, url = ''] = await program.prints(/(http:\/\/localhost:\d+\/\S+?\/authorize\?[^\s"]+)/);
  await signInAt(url);
  return await endOf(program);
}
