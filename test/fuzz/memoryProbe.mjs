// Loaded into a program before its own code: on SIGUSR2 it collects garbage and tells what memory is in use then.
import { setTimeout as delay } from 'node:timers/promises';

let round = 0;
process.on('SIGUSR2', async () => {
  // What a first collection lets go of may only be freed by a later one.
  for (let pass = 0; pass < 4; pass += 1) {
    globalThis.gc();
    await delay(50);
  }
  const { heapUsed, rss } = process.memoryUsage();
  round += 1;
  process.stdout.write(`memory ${round}: ${heapUsed} heap, ${rss} rss\n`);
});
