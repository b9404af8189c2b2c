/** A row of a table of requirements. */
export interface RequirementRow {
  /** As they stand in the first cell: `3.4.4 (2)`, `C1`. */
  readonly requirements: readonly string[];
  readonly shownBy: string;
}

/** A test that a row quotes. */
export interface QuotedTest {
  /** The file as it is linked. */
  readonly link: string;
  readonly titles: readonly string[];
}

/** The rows of all tables of requirements. @throws {Error} for one that has not four cells */
export function requirementRows(markdown: string): RequirementRow[] {
  const lines = markdown.split('\n').filter((line) => /^\| *(?:\d+\.\d|[CR]\d)/.test(line));
  return lines.map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, requirements = '', , , shownBy = ''] = cells;
    if (cells.length !== 6) throw new Error(`not four cells: ${line}`);
    return { requirements: requirements.split(', '), shownBy };
  });
}

/** The attack rows that a text cites. */
export function citedIds(text: string): string[] {
  return text.match(/\b[AB]-\d+\b/g) ?? [];
}

/** The test files that a text links, each with the titles in quotes behind it. */
export function quotedTests(text: string): QuotedTest[] {
  const links = text.matchAll(/\]\(([^)]+\.test\.ts)\)((?:,? *"[^"]*")*)/g);
  return [...links].map(([, link = '', quotes = '']) => ({
    link,
    titles: [...quotes.matchAll(/"([^"]*)"/g)].map(([, title = '']) => title),
  }));
}

/** Whether a text says why no test shows a requirement, or not all of it. */
export function givesReason(text: string): boolean {
  return /\*\*(?:Not met|Partly|Not applicable|In Entra|Operator|Written)\*\*[^*]{5,}/.test(text);
}

/** The files that a text links, without their anchors. */
export function linkedFiles(markdown: string): string[] {
  const targets = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*/, ''));
  return targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

/** The titles of a file's tests, without the attack rows at their start, which may be added later. */
export function testTitles(source: string): string[] {
  const calls = source.matchAll(/(?:\b(?:test|it)|\))\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g);
  return [...calls].map(([, , title = '']) => withoutIds(title.replace(/\\(.)/g, '$1')));
}

function withoutIds(title: string): string {
  return title.replace(/^(?:[AB]-\d+[:,]? (?:and )?)+/, '');
}
