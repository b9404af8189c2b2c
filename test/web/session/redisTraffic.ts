import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** A relay between the app and Redis that notes which commands were sent. */
export interface RedisTraffic {
  readonly url: string;
  /** Runs some work. @returns its round trips, each a list of commands such as `GET session` */
  during(work: () => Promise<unknown>): Promise<readonly (readonly string[])[]>;
  stop(): void;
}

/** Starts the relay in front of a Redis server. Commands belong to one round trip if no reply came between them. */
export async function relayRedis(port: number): Promise<RedisTraffic> {
  let trips: string[][] = [];
  let isReplied = true;
  const relay = createServer((app) => {
    const redis = connect(port, '127.0.0.1');
    app.on('data', (sent) => {
      for (const command of commandsIn(sent.toString('latin1'))) {
        if (isReplied) trips.push([]);
        isReplied = false;
        trips.at(-1)?.push(command);
      }
    });
    redis.on('data', () => {
      isReplied = true;
    });
    app.pipe(redis).pipe(app);
    for (const socket of [app, redis]) socket.on('error', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port: relayPort } = relay.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${relayPort}`,
    async during(work) {
      trips = [];
      isReplied = true;
      const made = trips;
      await work();
      trips = [];
      return made;
    },
    stop: () => void relay.close(),
  };
}

/** Commands in Redis's wire format: `*2\r\n$3\r\nGET\r\n$5\r\nkey…`. */
function commandsIn(sent: string): string[] {
  const commands: string[] = [];
  for (let at = 0; sent[at] === '*'; ) {
    const words: string[] = [];
    const header = /\*(\d+)\r\n/y;
    header.lastIndex = at;
    const count = Number(header.exec(sent)?.[1]);
    at = header.lastIndex;
    for (let word = 0; word < count; word += 1) {
      const length = /\$(\d+)\r\n/y;
      length.lastIndex = at;
      const bytes = Number(length.exec(sent)?.[1]);
      words.push(sent.slice(length.lastIndex, length.lastIndex + bytes));
      at = length.lastIndex + bytes + 2;
    }
    const kind = words.find((word) => /^(web|api):v1:/.test(word))?.split(':')[2];
    commands.push(`${words[0]} ${kind}`);
  }
  return commands;
}
