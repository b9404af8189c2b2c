import { type HTMLElement, type Node, NodeType, parse } from 'node-html-parser';

/** A form as the page shows it: where it leads and the fields that pressing the button would send. */
export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Finds the form that has a button with this text.
 * @param button default: the first button of the page's first form
 */
export function formOn(html: string, button?: string): Form | undefined {
  for (const form of parse(html).querySelectorAll('form')) {
    const pressed = form
      .querySelectorAll('button')
      .find((candidate) => button === undefined || textOf(candidate) === button);
    if (!pressed && button !== undefined) continue;
    const fields = [...form.querySelectorAll('input'), ...(pressed ? [pressed] : [])]
      .map((element) => [element.getAttribute('name') ?? '', element.getAttribute('value') ?? ''] as const)
      .filter(([name]) => name !== '');
    const action = pressed?.getAttribute('formaction') ?? form.getAttribute('action') ?? '';
    return { action, fields: Object.fromEntries(fields) };
  }
  return undefined;
}

/** The text that a person reads on the page. */
export function textOn(html: string): string {
  const page = parse(html);
  return textOf(page.querySelector('body') ?? page);
}

/** The value of a claim on the page that lists the ID token's claims. @throws {Error} if the page does not show it */
export function claimOn(html: string, name: string): string {
  for (const row of parse(html).querySelectorAll('tr')) {
    const [claim, value] = row.querySelectorAll('code').map(({ text }) => text);
    if (claim === name && value !== undefined) return value;
  }
  throw new Error(`No claim ${name} on the page:\n${html}`);
}

function textOf(element: HTMLElement): string {
  return textsIn(element).join(' ').replace(/\s+/g, ' ').trim();
}

function textsIn(node: Node): string[] {
  return node.nodeType === NodeType.TEXT_NODE ? [node.text] : node.childNodes.flatMap(textsIn);
}
