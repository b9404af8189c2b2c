import { english, type Texts } from './texts/english.ts';
import { german } from './texts/german.ts';

const languages: readonly Texts[] = [english, german];

/**
 * The texts in the first wanted language that exists, or in English.
 * @param wanted language tags such as `de-AT`, in order of preference
 * @see https://learn.microsoft.com/entra/external-id/customers/how-to-customize-languages-customers
 */
export function chooseTexts(wanted: readonly string[]): Texts {
  const found = wanted
    .map((tag) => tag.toLowerCase().split('-')[0])
    .map((language) => languages.find((texts) => texts.language === language))
    .find(Boolean);
  return found ?? english;
}
