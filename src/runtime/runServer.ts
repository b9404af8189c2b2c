import type { Express } from 'express';
import { loadEnvFile } from './envFile.ts';
import { createLogger, errorFields, type Logger } from './logger.ts';
import { RedisConnection } from './redis.ts';
import { serve, stopOnSignal } from './serve.ts';
import { type Environment, isProduction, SettingsError } from './settings.ts';

interface ServerConfig {
  readonly port: number;
  readonly redisUrl: string | undefined;
}

interface ServerProgram<Config extends ServerConfig> {
  /** As log lines name it. */
  readonly name: 'web' | 'api';
  /** As messages name it, such as `The web app`. */
  readonly title: string;
  /** What is lost at a restart without Redis, such as `sessions`. */
  readonly records: string;
  /** @throws {SettingsError} */
  readonly readConfig: (environment: Environment) => Config;
  readonly build: (config: Config, dependencies: ServerDependencies) => Promise<BuiltServer> | BuiltServer;
}

interface ServerDependencies {
  readonly log: Logger;
  /** Undefined without `REDIS_URL`. */
  readonly redis: RedisConnection | undefined;
  /** Whether the process is stopping. */
  readonly isStopping: () => boolean;
}

interface BuiltServer {
  readonly app: Express;
  readonly onListening: (port: number) => void;
  readonly onStopped: () => void;
}

/**
 * Runs a server until SIGTERM or SIGINT, with the settings of the environment and of `.env`.
 * @returns the process' exit code
 */
export async function runServer<Config extends ServerConfig>(
  environment: NodeJS.ProcessEnv,
  { name, title, records, readConfig, build }: ServerProgram<Config>,
): Promise<0 | 1> {
  try {
    loadEnvFile(environment);
    const config = readConfig(environment);
    const log = createLogger(name, isProduction(environment) ? 'json' : 'text');
    process.on('unhandledRejection', (reason) => log.error('Unhandled promise rejection', errorFields(reason)));
    const redis = config.redisUrl ? new RedisConnection(config.redisUrl, log) : undefined;
    if (!redis) log.warn(`REDIS_URL is not set: ${records} are kept in this process and are lost when it stops`);
    let isStopping = false;
    const { app, onListening, onStopped } = await build(config, { log, redis, isStopping: () => isStopping });
    const running = await serve(app, {
      port: config.port,
      log,
      onStopping: () => {
        isStopping = true;
      },
      onStopped: () => {
        onStopped();
        redis?.destroy();
      },
    });
    // Before anything is announced: a reader of the log may send a signal at once.
    const stopped = stopOnSignal(running, log);
    onListening(running.port);
    return await stopped;
  } catch (error) {
    const message = error instanceof Error ? error.message : 'failed';
    console.error(error instanceof SettingsError ? message : `${title} cannot start: ${message}`);
    return 1;
  }
}
