import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const pages = ['.', 'docs', 'AppCreationScripts', 'local-tenant'].flatMap((folder) => {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => join(root, folder, name));
});

test.each(pages.map((page) => [relative(root, page), page]))('%s links files and headings that exist', (_, page) => {
  expect(localLinks(page).filter((link) => !exists(page, link))).toEqual([]);
});

function localLinks(page: string): string[] {
  const links = prose(page).matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target));
}

function exists(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : resolve(page, '..', path);
  return existsSync(target) && (anchor === undefined || anchors(target).includes(anchor));
}

/** The anchors that GitHub gives to the headings. Duplicate headings are not handled. */
function anchors(page: string): string[] {
  const headings = prose(page).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) => {
    return heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
  });
}

function prose(page: string): string {
  return readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '');
}
