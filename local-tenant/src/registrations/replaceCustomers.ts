import { findNodeAtLocation, type Node } from 'jsonc-parser';
import type { WrittenCustomer } from './document.ts';
import { parseJson } from './json.ts';

/**
 * Writes customers into the text of a document and keeps every other character. Only the password of a customer who is
 * already there changes, also of one without an object id; a customer with the same email address but another object id is replaced.
 * @throws {SyntaxError} if the text is not JSON
 */
export function replaceCustomers(text: string, customers: readonly WrittenCustomer[]): string {
  return customers.reduce(replaceCustomer, text);
}

function replaceCustomer(text: string, customer: WrittenCustomer): string {
  const { root } = parseJson(text);
  const list = findNodeAtLocation(root, ['customers']);
  if (!list) return insertList(text, root, customer);
  const entries = list.children ?? [];
  const sameId = entries.find((entry) => {
    const hasId = findNodeAtLocation(entry, ['oid']) !== undefined;
    return hasId ? field(entry, 'oid') === customer.oid : field(entry, 'email') === customer.email;
  });
  if (sameId) {
    const stored: object = JSON.parse(text.slice(sameId.offset, end(sameId)));
    const changed = { ...stored, password: undefined, passwordHash: customer.passwordHash };
    return splice(text, sameId, entryText(text, sameId, changed));
  }
  const sameEmail = entries.find((entry) => field(entry, 'email') === customer.email);
  if (sameEmail) return splice(text, sameEmail, entryText(text, sameEmail, customer));
  const last = entries.at(-1);
  if (!last) return splice(text, list, entryText(text, list, [customer]));
  const added = `,${lineBreak(text)}${indentAt(text, last.offset)}${entryText(text, last, customer)}`;
  return splice(text, { offset: end(last), length: 0 }, added);
}

function insertList(text: string, root: Node, customer: WrittenCustomer): string {
  const last = root.children?.at(-1);
  const offset = last ? end(last) : root.offset + 1;
  const key = `${last ? ',' : ''}${lineBreak(text)}${indentAt(text, last?.offset ?? offset)}"customers": `;
  return splice(text, { offset, length: 0 }, key + entryText(text, last ?? root, [customer]));
}

function entryText(text: string, { offset }: Node, value: object): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `${lineBreak(text)}${indentAt(text, offset)}`);
}

function splice(text: string, place: Pick<Node, 'offset' | 'length'>, replacement: string): string {
  return text.slice(0, place.offset) + replacement + text.slice(end(place));
}

function end({ offset, length }: Pick<Node, 'offset' | 'length'>): number {
  return offset + length;
}

function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

function lineBreak(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** A field in the form that is compared: ids and addresses ignore case. */
function field(entry: Node, key: string): string {
  return String(findNodeAtLocation(entry, [key])?.value)
    .trim()
    .toLowerCase();
}
