/** Why the tenant refused a sign-in, as the error page explains it. */
export type RefusalKind = 'blocked' | 'notAllowed' | 'misconfigured' | 'later';

const numbers: readonly (readonly [RefusalKind, RegExp])[] = [
  // A policy: Conditional Access, the device, a risk.
  ['blocked', /^AADSTS(?:53\d{3,4}|50005|50131)$/],
  ['notAllowed', /^AADSTS(?:50020|50057|50105|65001|65004|90094|90095|131010)$/],
  // The registration, or what the app asks for.
  [
    'misconfigured',
    /^AADSTS(?:50011|50146|501461|500011|65005\d|70001|70011|700016|700022|700054|90002|900971|901002)$/,
  ],
  // A locked account, too many sign-ins in a row, or a tenant that cannot answer now.
  ['later', /^AADSTS(?:50053|50196|90006|90024|90033|90055)$/],
];

/**
 * Finds out what kind of refusal a number of the tenant is.
 * @param aadsts such as `AADSTS53003`
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export function refusalKind(aadsts: string): RefusalKind | undefined {
  return numbers.find(([, pattern]) => pattern.test(aadsts))?.[0];
}
