import type { WrittenCustomer } from './document.ts';
import { type JsonNode, parseJson } from './json.ts';

/**
 * Writes customers into the text of a document, and leaves every other character as it is. Of one who is there already
 * only the password changes; one who is there under another object id is replaced.
 * @throws {JsonError} if the text is not JSON.
 */
export function replaceCustomers(text: string, customers: readonly WrittenCustomer[]): string {
  return customers.reduce(replaceCustomer, text);
}

function replaceCustomer(text: string, customer: WrittenCustomer): string {
  const root = parseJson(text);
  const list = root.children.get('customers');
  if (!list) return insertList(text, root, customer);
  const entries = [...list.children.values()];
  const sameId = entries.find((entry) => field(entry, 'oid') === customer.oid);
  if (sameId) {
    const { password: _old, ...kept }: Record<string, unknown> = Object(sameId.value);
    return splice(text, sameId, entryText(text, sameId, { ...kept, passwordHash: customer.passwordHash }));
  }
  const sameEmail = entries.find((entry) => field(entry, 'email') === customer.email);
  if (sameEmail) return splice(text, sameEmail, entryText(text, sameEmail, customer));
  const last = entries.at(-1);
  if (!last) return splice(text, list, listText(text, list, customer));
  const added = `,${lineBreak(text)}${indentAt(text, last.start)}${entryText(text, last, customer)}`;
  return splice(text, { start: last.end, end: last.end }, added);
}

function insertList(text: string, root: JsonNode, customer: WrittenCustomer): string {
  const last = [...root.children.values()].at(-1);
  const at = last?.end ?? root.start + 1;
  const key = `${last ? ',' : ''}${lineBreak(text)}${indentAt(text, last?.start ?? at)}"customers": `;
  return splice(text, { start: at, end: at }, key + listText(text, last ?? root, customer));
}

/** A list of one, which begins on the line of a node. */
function listText(text: string, node: JsonNode, customer: WrittenCustomer): string {
  const indent = indentAt(text, node.start);
  const entry = JSON.stringify([customer], null, 2).replaceAll('\n', `\n${indent}`);
  return entry.replaceAll('\n', lineBreak(text));
}

/** An entry that begins on the line of a node. */
function entryText(text: string, node: JsonNode, customer: object): string {
  const indent = indentAt(text, node.start);
  return JSON.stringify(customer, null, 2).replaceAll('\n', `${lineBreak(text)}${indent}`);
}

function splice(text: string, { start, end }: Pick<JsonNode, 'start' | 'end'>, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The white space at the beginning of the line that an offset is on. */
function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function lineBreak(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** A text as it is compared: ids and addresses do not differ by case alone. */
function field(entry: JsonNode, key: string): string {
  return String(entry.children.get(key)?.value).trim().toLowerCase();
}
