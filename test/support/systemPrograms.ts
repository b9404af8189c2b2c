import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Programs that the tests need, with their names and locations on different systems. */
const names = {
  redis: ['redis-server'],
  chromium: [
    // Chromium without its window: pages cost a quarter of the CPU time.
    'chromium-headless-shell',
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
} as const;

export type SystemProgram = keyof typeof names;
export type System = 'debian' | 'ubuntu' | 'fedora' | 'macos' | 'windows' | 'other';

/** On Ubuntu, `chromium-browser` installs the Chromium snap. */
const packages = {
  debian: { redis: 'redis-server', chromium: 'chromium-headless-shell' },
  ubuntu: { redis: 'redis-server', chromium: 'chromium-browser' },
  fedora: { redis: 'redis', chromium: 'chromium' },
  macos: { redis: 'redis', chromium: 'google-chrome' },
  windows: { redis: 'redis-server', chromium: 'chromium' },
  other: { redis: 'redis-server', chromium: 'chromium' },
} as const satisfies Record<System, Record<SystemProgram, string>>;

/** The full path of a program, or undefined if it is not installed. */
export function findSystemProgram(program: SystemProgram, path: string = process.env.PATH ?? ''): string | undefined {
  const folders = path.split(delimiter).filter(Boolean);
  return names[program]
    .flatMap((name) => (isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name))))
    .find(isExecutable);
}

/** @param osRelease the text of /etc/os-release, or empty */
export function detectSystem(platform: NodeJS.Platform, osRelease: string): System {
  if (platform === 'darwin') return 'macos';
  if (platform === 'win32') return 'windows';
  const ids = osRelease.match(/^ID(_LIKE)?=.*/gm)?.join(' ') ?? '';
  return (['ubuntu', 'debian', 'fedora'] as const).find((system) => ids.includes(system)) ?? 'other';
}

/** The package names of programs on a system. */
export function packagesFor(missing: readonly SystemProgram[], system: System): string[] {
  return missing.map((program) => packages[system][program]);
}

/** How to install what is missing: one command where possible. */
export function installAdvice(missing: readonly SystemProgram[], system: System): string {
  const list = packagesFor(missing, system).join(' ');
  const advice: Record<System, string> = {
    debian: `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${list}`,
    ubuntu: `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${list}`,
    fedora: `sudo dnf install -y ${list}`,
    macos: `brew install ${list}`,
    windows: 'wsl --install (Redis has no build for Windows: clone and test this project inside WSL)',
    other: `Install with your package manager: ${list}`,
  };
  return advice[system];
}

/** Whether this process may run a file. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
