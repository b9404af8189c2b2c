// Loaded into a program before its own code: on SIGUSR2 it collects garbage and tells what memory is in use then.
import { setTimeout as delay } from 'node:timers/promises';

let round = 0;
process.on('SIGUSR2', async () => {
  const uses = [];
  // What a first collection lets go of may only be freed by a later one, and pages are given back beside the program.
  for (let pass = 0; pass < 8; pass += 1) {
    globalThis.gc();
    await delay(100);
    uses.push(process.memoryUsage());
  }
  const least = (kind) => Math.min(...uses.map((use) => use[kind]));
  round += 1;
  process.stdout.write(`memory ${round}: ${least('heapUsed')} heap, ${least('rss')} rss\n`);
});
