// Runs before `npm test`: makes sure that Redis and Chromium are installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import {
  detectSystem,
  findSystemProgram,
  installAdvice,
  packagesFor,
  type System,
  type SystemProgram,
} from './systemPrograms.ts';

const required: readonly SystemProgram[] = ['redis', 'chromium'];
const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
const system = detectSystem(process.platform, osRelease);
const missing = required.filter((program) => !findSystemProgram(program));
if (missing.length > 0 && process.getuid?.() === 0) install(missing, system);
const stillMissing = missing.filter((program) => !findSystemProgram(program));
if (stillMissing.length > 0) {
  console.error(
    `The tests need ${stillMissing.join(' and ')}, not found on PATH. Run this, then the tests again:\n\n` +
      `  ${installAdvice(stillMissing, system)}\n`,
  );
  process.exit(1);
}

function install(programs: readonly SystemProgram[], on: System): void {
  if (on !== 'debian' && on !== 'ubuntu') return;
  aptGet('update');
  aptGet('install', '-y', '--no-install-recommends', ...packagesFor(programs, on));
}

function aptGet(...args: string[]): void {
  console.log(`apt-get ${args.join(' ')}`);
  spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-q', ...args], {
    // RUNLEVEL=1 keeps the package from starting a Redis service; the tests start their own.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
