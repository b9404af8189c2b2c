import { parseArgs } from 'node:util';
import { type Entry, entriesOf } from './entries.ts';
import type { Memory } from './FuzzedProgram.ts';
import { type FuzzResult, fuzz } from './fuzz.ts';
import { type FuzzedSystem, startFuzzedSystem } from './system.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    entry: { type: 'string' },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error('Give --minutes a number above 0, --seed a whole one');

const minuteMs = 60_000;
const mostGrowth = 20 * 2 ** 20;

interface Use {
  readonly web: Memory;
  readonly api: Memory;
}

async function memoryOf({ web, api }: FuzzedSystem): Promise<Use> {
  return { web: await web.memory(), api: await api.memory() };
}

/** Fuzzes one entry and prints its line. @returns the problems found */
async function run(entry: Entry, system: FuzzedSystem): Promise<string[]> {
  // Warm up for a minute, or for half of a shorter run: caches fill and V8 compiles.
  const warmUpMs = Math.min(minuteMs, (minutes / 2) * minuteMs);
  const options = { ...entry, betweenBatches: () => system.tidy() };
  const warmUp = await fuzz({ ...options, seed, forMs: warmUpMs });
  const before = await memoryOf(system);
  const rest = await fuzz({ ...options, seed: seed + 1_000_000, forMs: minutes * minuteMs - warmUpMs });
  const after = await memoryOf(system);
  console.log(line(entry.name, [warmUp, rest], before, after));
  const grown = (['web', 'api'] as const).flatMap((name) =>
    (['heap', 'rss'] as const)
      .filter((kind) => after[name][kind] - before[name][kind] > mostGrowth)
      .map((kind) => `${name} keeps more and more memory: ${kind}`),
  );
  const isTried = [warmUp, rest].some(({ statuses }) => statuses.has(entry.accepted));
  const untried = isTried ? [] : [`nothing was accepted with ${entry.accepted}`];
  return [
    ...warmUp.failures,
    ...rest.failures,
    ...untried,
    ...grown,
    ...system.web.problems(),
    ...system.api.problems(),
  ];
}

function line(name: string, results: readonly FuzzResult[], before: Use, after: Use): string {
  const counts = new Map<string, number>();
  for (const [status, count] of results.flatMap(({ statuses }) => [...statuses])) {
    counts.set(status, (counts.get(status) ?? 0) + count);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const statuses = [...counts].sort().map(([status, count]) => `${status}: ${count}`);
  const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const memory = (['web', 'api'] as const).map((program) => {
    const [from, to] = [before[program], after[program]];
    const heap = `heap ${megabytes(from.heap)} to ${megabytes(to.heap)} MB`;
    return `${program} ${heap}, rss ${megabytes(from.rss)} to ${megabytes(to.rss)} MB`;
  });
  return `${name}: ${total} requests (${statuses.join(', ')}); ${memory.join('; ')}`;
}

console.log(`Fuzzing each entry for ${minutes} min with --seed ${seed}`);
const system = await startFuzzedSystem();
try {
  const entries = entriesOf(system).filter(({ name }) => values.entry === undefined || name === values.entry);
  if (entries.length === 0) throw new Error(`There is no entry ${values.entry}`);
  for (const entry of entries) {
    for (const problem of await run(entry, system)) {
      console.error(`${entry.name}: ${problem}`);
      process.exitCode = 1;
    }
  }
} finally {
  await system.stop();
}
