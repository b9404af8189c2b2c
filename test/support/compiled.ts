import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const outputFolder = join(root, 'build');

/**
 * The compiled form of a source file, which starts without a TypeScript loader.
 * @param source path below `src`, such as `web/server.ts`
 */
export function compiled(source: string): string {
  return join(outputFolder, source.replace(/\.ts$/, '.js'));
}

/** Compiles `src` and the local tenant. Types are not checked here: `npm run check` does that. */
export async function compilePrograms(): Promise<void> {
  await Promise.all([
    compile('-p', join(root, 'tsconfig.build.json'), '--outDir', outputFolder),
    compile('-p', join(root, 'local-tenant')),
  ]);
}

async function compile(...options: string[]): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [compiler, ...options, '--noCheck']);
}
