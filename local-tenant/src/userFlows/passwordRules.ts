import type { Texts } from './texts/english.ts';

export type PasswordProblem = keyof Texts['passwordProblems'];

const characterClasses = [/\p{Lu}/u, /\p{Ll}/u, /\d/, /[^\p{L}\d]/u];

/** In place of Entra's list, which Microsoft does not publish. */
const banned = ['password', 'passw0rd', 'p@ssword', 'p@ssw0rd', 'qwerty', '12345678', 'welcome1', 'letmein'];

/** Shorter names before the @ occur in passwords by chance. */
const shortestName = 4;

/** @see https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy#password-policies-that-only-apply-to-cloud-user-accounts */
export function judgePassword(password: string, email: string): PasswordProblem | undefined {
  if (password.length < 8) return 'short';
  if (password.length > 256) return 'long';
  const lowered = password.toLowerCase();
  const address = email.toLowerCase();
  const name = address.split('@')[0] ?? '';
  if (lowered.includes(address) || (name.length >= shortestName && lowered.includes(name))) return 'address';
  if (banned.some((word) => lowered.includes(word))) return 'banned';
  return characterClasses.filter((pattern) => pattern.test(password)).length < 3 ? 'simple' : undefined;
}
