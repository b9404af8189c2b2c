import { spawn } from 'node:child_process';

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // Not `start`: that is a command of the shell, which takes & in an address for the end of the command.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Opens an address in the desktop's browser. A failure is ignored, because the address is also printed. */
export function openBrowser(url: string): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
