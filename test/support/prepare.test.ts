import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { detectSystem, findSystemProgram, installAdvice } from './systemPrograms.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prepare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function addProgram(name: string, script = '', mode = 0o755): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode });
}

/** Runs the preparation with only the test's own programs on PATH. */
function prepare() {
  const file = resolve(import.meta.dirname, 'prepare.ts');
  const options = { env: { PATH: folder }, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), file],
    options,
  );
  return { status, stdout, stderr };
}

describe('the preparation', () => {
  test('does nothing when Redis and Chromium are installed', () => {
    addProgram('redis-server');
    addProgram('chromium');
    addProgram('apt-get', 'echo must not run');
    expect(prepare()).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('names what is missing and the command to run, and stops', () => {
    addProgram('chromium');
    const { status, stderr } = prepare();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^The tests need redis, not found on PATH\. Run this, then the tests again:\n\n {2}\S.*redis/,
    );
  });

  const mayInstall = process.getuid?.() === 0 && ['debian', 'ubuntu'].includes(hostSystem());
  test.runIf(mayInstall)('installs what is missing as root on Debian or Ubuntu', () => {
    const create = ['redis-server', 'chromium-headless-shell']
      .map((name) => `echo '#!/bin/sh' > ${folder}/${name}`)
      .join('\n');
    const marked = `/bin/chmod +x ${folder}/redis-server ${folder}/chromium-headless-shell`;
    addProgram('apt-get', `case "$*" in *install*) ${create}\n${marked};; esac`);
    const { status, stdout } = prepare();
    expect(stdout).toMatch(
      /^apt-get update\napt-get install -y --no-install-recommends redis-server chromium-headless-shell/,
    );
    expect(status).toBe(0);
  });
});

function hostSystem(): string {
  const { stdout } = spawnSync('cat', ['/etc/os-release'], { encoding: 'utf8' });
  return detectSystem(process.platform, stdout ?? '');
}

describe('a system program', () => {
  test('is found under any of its names in any folder of PATH', () => {
    addProgram('google-chrome');
    expect(findSystemProgram('chromium', ['', '/nowhere', folder].join(delimiter))).toBe(join(folder, 'google-chrome'));
  });

  test('is not found if it is not executable', () => {
    addProgram('redis-server', '', 0o644);
    expect(findSystemProgram('redis', folder)).toBeUndefined();
  });
});

test.each([
  ['linux', 'ID=debian\n', /^sudo apt-get .*redis-server chromium-headless-shell$/],
  ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', /^sudo apt-get .*redis-server chromium-browser$/],
  ['linux', 'ID=fedora\n', /^sudo dnf install -y redis chromium$/],
  ['linux', '', /package manager: redis-server chromium$/],
  ['darwin', '', /^brew install redis google-chrome$/],
  ['win32', '', /^wsl --install/],
] as const)('gives the right advice on %s with %j', (platform, osRelease, expected) => {
  expect(installAdvice(['redis', 'chromium'], detectSystem(platform, osRelease))).toMatch(expected);
});
