import { isVisible } from '../runtime/text.ts';
import { field } from './addressPage.ts';
import { judgePassword } from './passwordRules.ts';
import type { Visit } from './visit.ts';

export interface DetailField {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'password';
  readonly autocomplete: string;
  readonly isRequired: boolean;
  readonly hint?: string;
  readonly value: string;
  readonly problem?: string | undefined;
}

const maxAttributeLength = 250;
const maxNameLength = 100;

const autocomplete: Readonly<Record<string, string>> = {
  displayName: 'name',
  givenName: 'given-name',
  surname: 'family-name',
  city: 'address-level2',
  country: 'country-name',
  postalCode: 'postal-code',
  jobTitle: 'organization-title',
  state: 'address-level1',
  streetAddress: 'street-address',
};

/** The attributes that the app's user flow collects, with the values given so far. */
export function attributeFields({ flow, texts }: Visit, given: Readonly<Record<string, string>>): DetailField[] {
  return (flow?.attributes ?? []).map(({ name, label, isRequired }) => ({
    name,
    isRequired,
    type: 'text',
    label: isRequired ? label : texts.optional(label),
    autocomplete: autocomplete[name] ?? 'on',
    value: given[name] ?? '',
  }));
}

/** The same fields with the form's values and their problems. */
export function readAttributes(visit: Visit): DetailField[] {
  return attributeFields(visit, {}).map((attribute) => {
    const value = field(visit.request, attribute.name).trim();
    return { ...attribute, value, problem: problemOf(visit, { ...attribute, value }) };
  });
}

function problemOf({ texts }: Visit, { name, value, isRequired }: DetailField): string | undefined {
  const isName = name === 'displayName';
  if (isRequired && !isVisible(value)) return isName ? texts.nameMissing : texts.attributeMissing;
  const most = isName ? maxNameLength : maxAttributeLength;
  return value.length > most ? texts.attributeTooLong(most) : undefined;
}

/** The two fields of a new password; they are never prefilled. */
export function passwordFields({ texts }: Visit): [DetailField, DetailField] {
  const common = { type: 'password', autocomplete: 'new-password', isRequired: true, value: '' } as const;
  return [
    { ...common, name: 'password', label: texts.password, hint: texts.passwordHint },
    { ...common, name: 'confirmPassword', label: texts.reenterPassword },
  ];
}

/** The same fields with the problems of the password in the form. */
export function judgePasswords(visit: Visit, email: string): DetailField[] {
  const [first, second] = passwordFields(visit);
  const { passwordProblems, passwordsDiffer } = visit.texts;
  const password = field(visit.request, 'password');
  const problem = judgePassword(password, email);
  const isSame = password === field(visit.request, 'confirmPassword');
  return [
    { ...first, problem: problem && passwordProblems[problem] },
    { ...second, problem: isSame ? undefined : passwordsDiffer },
  ];
}

export function hasProblem(fields: readonly DetailField[]): boolean {
  return fields.some(({ problem }) => problem !== undefined);
}
