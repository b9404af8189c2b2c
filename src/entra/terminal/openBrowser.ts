import { spawn } from 'node:child_process';

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  // Not `start`, which is the shell's and reads & in an address as the end of a command.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Asks the desktop to show an address. Where that fails nothing happens: the address was printed as well. */
export function openBrowser(url: string): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
