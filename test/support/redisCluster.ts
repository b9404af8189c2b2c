import { freePort } from './freePort.ts';
import { type Operator, openOperator } from './openRedis.ts';
import { type RedisServer, startRedis } from './redisServer.ts';

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** One for each node. */
  readonly operators: readonly Operator[];
  stop(): Promise<void>;
}

const slots = 16_384;

/** Starts real `redis-server` processes that are one cluster, each with its share of the slots. */
export async function startRedisCluster(size: number): Promise<RedisCluster> {
  const busPorts = await Promise.all(Array.from({ length: size }, () => freePort()));
  const nodes = await Promise.all(
    busPorts.map((busPort) =>
      startRedis(undefined, [
        ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
        ...['--cluster-require-full-coverage', 'no', '--cluster-node-timeout', '1000'],
      ]),
    ),
  );
  const operators = await Promise.all(nodes.map(({ url }) => openOperator(url)));
  for (const [index, operator] of operators.entries()) {
    const start = Math.ceil((slots * index) / size);
    const end = Math.ceil((slots * (index + 1)) / size) - 1;
    await operator.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(start), String(end)]);
    await operator.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
  }
  const [first] = operators;
  for (const [index, { port }] of nodes.entries()) {
    if (index > 0) await first?.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[index])]);
  }
  for (const operator of operators) while (!(await knowsAll(operator, size))) await pause();
  return {
    nodes,
    operators,
    async stop() {
      for (const operator of operators) operator.destroy();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function knowsAll(operator: Operator, size: number): Promise<boolean> {
  const info = String(await operator.sendCommand(['CLUSTER', 'INFO']));
  return (
    info.includes('cluster_state:ok') &&
    info.includes(`cluster_slots_ok:${slots}`) &&
    info.includes(`cluster_size:${size}`)
  );
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
