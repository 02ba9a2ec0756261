/** Connections that several calls share. Tested in test/store/postgres/index.test.ts. */
import pg, { type PoolClient } from 'pg';
import { coerceError } from '../../../core/ports/errors.ts';
import type { Log } from '../../../core/ports/ports.ts';
import type { Reads, Rows } from '../rows.ts';
import { clientConfig, prepared } from './config.ts';
import { Failure, failureWith, storeErrorOf } from './errors.ts';

/** Reads at once. */
const CONNECTIONS = 6;
/** One that was kept may have ended unnoticed, and so may the one that is taken next: all of them at worst, then a new one. */
const TRIES = CONNECTIONS + 1;

/** Connections for reading, and for what is written beside all presses. */
export class Pool implements Reads {
  readonly #pool: pg.Pool;

  /** @param deps.onConnected on each new connection, before it is used */
  constructor(deps: {
    connectionString: string;
    log: Log;
    onConnected?: ((rows: Rows) => Promise<void>) | undefined;
  }) {
    const { connectionString, log, onConnected = async () => {} } = deps;
    this.#pool = new pg.Pool({
      ...clientConfig(connectionString, { name: 'reads' }),
      max: CONNECTIONS,
      verify(client, done) {
        const rows: Rows = async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
          (await client.query(prepared({ sql, values }))).rows as Row[];
        onConnected(rows).then(
          () => done(),
          (thrown: unknown) => done(coerceError(thrown)),
        );
      },
    });
    // One that ends while it is in use says so itself, too, besides the statement that fails.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    this.#pool.on('error', (error) =>
      log.debug({ err: error }, 'a connection to the database that was not in use has ended'),
    );
  }

  readonly rows: Rows = <Row extends object>(sql: string, values: readonly unknown[] = []) =>
    this.#answered(() => this.#with((rows) => rows<Row>(sql, values)));

  readonly snapshot = <T>(work: (rows: Rows) => Promise<T>): Promise<T> =>
    this.#answered(() => this.#transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', work));

  /** Its failures are not translated. @throws Failure */
  serial<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#transaction('BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE', work);
  }

  async #answered<T>(read: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await read();
      } catch (thrown) {
        const isLost = thrown instanceof Failure && thrown.kind === 'lost';
        if (!isLost || tries === TRIES) throw storeErrorOf(thrown);
      }
    }
  }

  #transaction<T>(begin: string, work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.#with(async (rows) => {
      await rows(begin);
      try {
        const result = await work(rows);
        await rows('COMMIT');
        return result;
      } catch (thrown) {
        // Where this fails, too, the connection is not used again.
        if (!isLostFailure(thrown)) await rows('ROLLBACK');
        throw thrown;
      }
    });
  }

  async #with<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      throw new Failure('unreached', `the database can’t be reached (${message})`, thrown);
    }
    let isLost = false;
    const rows: Rows = async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
      try {
        return (await client.query(prepared({ sql, values }))).rows as Row[];
      } catch (thrown) {
        const failure = failureWith(thrown);
        isLost ||= failure.kind === 'lost';
        throw failure;
      }
    };
    try {
      return await work(rows);
    } finally {
      client.release(isLost);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

function isLostFailure(thrown: unknown): boolean {
  return thrown instanceof Failure && thrown.kind === 'lost';
}
