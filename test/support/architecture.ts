import { posix } from 'node:path';

/** A source file: its path from the repository's root, with slashes, and what stands in it. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What is wrong, one sentence a finding; empty when the rule is kept. */
export type Rule = (file: SourceFile) => string[];

/** Which other folders of `src` a folder may import. */
const folders: Readonly<Record<string, readonly string[]>> = {
  models: ['runtime'],
  runtime: [],
  entra: ['runtime'],
  web: ['models', 'runtime', 'entra'],
  api: ['models', 'runtime', 'entra'],
  headless: ['models', 'runtime', 'entra'],
  registration: ['models', 'runtime', 'entra'],
  doctor: ['models', 'runtime', 'entra'],
};

/** Which other parts of `src/web` a part may import; `auth/errors` is that file alone. */
const web: Readonly<Record<string, readonly string[]>> = {
  server: ['app', 'config', 'auth', 'session', 'hardening'],
  app: ['parts', 'routes', 'middleware', 'hardening', 'pages', 'config'],
  parts: ['controllers', 'middleware', 'hardening', 'auth', 'session', 'config'],
  routes: ['controllers', 'middleware', 'hardening'],
  controllers: ['auth', 'session', 'pages', 'claims', 'todosPage', 'config', 'hardening/auditSubject'],
  middleware: ['auth/errors', 'session', 'pages', 'config', 'hardening'],
  hardening: ['auth/errors', 'session', 'pages', 'config'],
  auth: [],
  session: ['auth/PendingSignInSealer', 'auth/authorizationAnswer', 'auth/errors'],
  pages: ['claims', 'todosPage'],
  claims: [],
  todosPage: [],
  config: ['session'],
};

const localTenant = 'entra-local-tenant';

const entryFile = /(^|\/)(server|main|dev|devHeadless)\.ts$/;

/** Who may import whom: the house's table of folders, and that of the web app inside. */
export const importsFollowTheTable: Rule = ({ path, text }) =>
  importsOf(text).flatMap((specifier) => {
    if (!specifier.startsWith('.')) return packageProblem(path, specifier);
    const target = targetOf(path, specifier);
    return mayImport(path, target) ? [] : [`${path} must not import ${target}`];
  });

/** The local tenant shares no code with what it judges: it imports its own files and the packages of its package.json. */
export function standsAlone(packages: readonly string[]): Rule {
  return ({ path, text }) =>
    importsOf(text)
      .filter((specifier) =>
        specifier.startsWith('.')
          ? !targetOf(path, specifier).startsWith('local-tenant/src/')
          : !specifier.startsWith('node:') && !packages.includes(specifier),
      )
      .map((specifier) => `${path} must not import ${specifier}`);
}

/** Tests of the root use the local tenant as others do: by its package's name. */
export const usesThePackage: Rule = ({ path, text }) =>
  importsOf(text)
    .map((specifier) => targetOf(path, specifier))
    .filter((target) => target.startsWith('local-tenant/src/'))
    .map((target) => `${path} must import ${localTenant}, not ${target}`);

/** Each circle of imports once, type imports included, such as `a.ts > b.ts > a.ts`. */
export function importCircles(files: readonly SourceFile[]): string[] {
  const imports = new Map(
    files.map(({ path, text }) => [path, importsOf(text).map((specifier) => targetOf(path, specifier))]),
  );
  const seen = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' > '));
    if (seen.has(path)) return;
    seen.add(path);
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
  };
  for (const { path } of files) visit(path, []);
  return circles;
}

function targetOf(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
}

/** Only the entry files read the environment or end the process. */
export const leavesTheProcessAlone: Rule = ({ path, text }) => {
  if (entryFile.test(path)) return [];
  const imported = importsOf(text).filter((specifier) => /^(node:)?process$/.test(specifier));
  // Anything but `process.name` could hand the environment on: process['env'], const { env } = process, globalThis.process.
  const used = codeOf(text).match(
    /(?<!\.)\bprocess\b(?!\s*\.\s*(?!env\b|exit\b)\w)|\bglobal(This)?\s*(\?\.)?\s*(\[|\.?\s*process\b)/g,
  );
  return imported.length > 0 || used
    ? [`${path} must not read the environment or exit: only server.ts, main.ts, dev.ts and devHeadless.ts do`]
    : [];
};

/** Views write values escaped; unescaped output is for include alone. */
export const escapesWhatItShows: Rule = ({ path, text }) =>
  [...text.matchAll(/<%-(?!\s*include\().*/g)].map(([tag]) => `${path} writes unescaped: ${tag.trim()}`);

/** `.env.sample` explains every setting, each once with a comment directly above it, and nothing else. */
export function settingsAreExplained(sample: string, settings: ReadonlySet<string>): string[] {
  const lines = sample.split('\n');
  const explained = lines.flatMap((line, index) => {
    const name = /^(?:#\s?)?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1];
    return name ? [{ name, hasComment: /^# \S/.test(lines[index - 1] ?? '') }] : [];
  });
  const names = explained.map(({ name }) => name);
  return [
    ...[...settings].filter((name) => !names.includes(name)).map((name) => `.env.sample does not explain ${name}`),
    ...names.filter((name) => !settings.has(name)).map((name) => `.env.sample explains ${name}, which nothing reads`),
    ...names.filter((name, index) => names.indexOf(name) < index).map((name) => `.env.sample names ${name} twice`),
    ...explained.filter(({ hasComment }) => !hasComment).map(({ name }) => `.env.sample has no comment above ${name}`),
  ];
}

/** Every module a file names in import, export … from, import() or require(). */
export function importsOf(text: string): string[] {
  const specifiers = /(?<!\.)\b(?:from|(?:import|require)\s*\(?)\s*(['"`])([^'"`]+)\1/g;
  const literal = [...withoutComments(text).matchAll(specifiers)].map((found) => found[2] ?? '');
  // A computed path cannot be judged, so it is given as one that no table allows.
  const computed = /\b(?:import|require)\s*\(\s*[^'"`\s]/.test(codeOf(text)) ? ['./(computed)'] : [];
  return [...literal, ...computed];
}

function packageProblem(path: string, specifier: string): string[] {
  if (specifier.startsWith(localTenant) && !isDevFile(path)) {
    return [`${path} must not import ${specifier}: it is for development and tests only`];
  }
  const seesRequests = /^(express|express-session|node:http)$/.test(specifier);
  return path.startsWith('src/web/auth/') && seesRequests
    ? [`${path} must not import ${specifier}: auth never sees a request or a response`]
    : [];
}

function mayImport(path: string, target: string): boolean {
  if (!/^src\/.*\.ts$/.test(target) || /\/(server|main)\.ts$/.test(target)) return false;
  const [from, to] = [partsOf(path), partsOf(target)];
  if (from.folder === '') return ['', 'runtime'].includes(to.folder);
  if (from.folder === to.folder) return from.folder !== 'web' || mayImportInWeb(from, to);
  if (from.folder === 'doctor' && (to.inside === 'config' || readsGraph.test(target))) return true;
  return folders[from.folder]?.includes(to.folder) ?? false;
}

/** What doctor shares with registration: how Graph is called and read. */
const readsGraph = /^src\/registration\/(GraphClient|graphSchemas|read)\.ts$/;

const isDevFile = (path: string) => /^src\/dev\w*\.ts$/.test(path);

function mayImportInWeb(from: Parts, to: Parts): boolean {
  const allowed = web[from.part];
  return from.part === to.part || allowed?.includes(to.part) === true || allowed?.includes(to.inside) === true;
}

interface Parts {
  /** The folder below `src`; empty for a file of `src` itself. */
  readonly folder: string;
  /** The path below that folder, without `.ts`: `auth/errors`. */
  readonly inside: string;
  /** The first step of `inside`: `auth`. */
  readonly part: string;
}

function partsOf(path: string): Parts {
  const [, ...steps] = path.replace(/\.ts$/, '').split('/');
  const folder = steps.length > 1 ? (steps[0] ?? '') : '';
  const inside = (folder ? steps.slice(1) : steps).join('/');
  return { folder, inside, part: inside.split('/')[0] ?? '' };
}

const commentOrText = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

function withoutComments(text: string): string {
  return text.replace(commentOrText, (found) => (found.startsWith('/') ? ' ' : found));
}

/** The text without comments and strings; of a template only what its `${}` hold. */
function codeOf(text: string): string {
  return text.replace(commentOrText, (found) => {
    if (found.startsWith('/')) return ' ';
    return found.startsWith('`') ? (found.match(/\$\{[^}]*\}/g)?.join(' ') ?? "''") : "''";
  });
}
