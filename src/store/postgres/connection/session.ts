/** A connection of our own. Tested in test/store/postgres/connection/session.test.ts and test/store/postgres/index.test.ts. */
import pg, { type QueryResult } from 'pg';
import type { Log } from '../../../core/ports/ports.ts';
import type { Rows } from '../rows.ts';
import { clientConfig, prepared, type Statement, type Use } from './config.ts';
import { cut, endClient } from './ends.ts';
import { Failure, failureWith } from './errors.ts';

/** One connection, which is made again when it is needed and the one before has ended. */
export class Session {
  readonly #connectionString: string;
  readonly #use: Use;
  readonly #log: Log;
  readonly #onConnected: (rows: Rows) => Promise<void>;
  #client: Promise<pg.Client> | null = null;
  /** The same, once it is connected. */
  #current: pg.Client | null = null;
  #isReachable = true;
  #isClosed = false;
  #refusal: Failure | null = null;

  /** @param onConnected on each new connection, before it is used */
  constructor(
    deps: { connectionString: string; log: Log; onConnected?: ((rows: Rows) => Promise<void>) | undefined },
    use: Use,
  ) {
    this.#connectionString = deps.connectionString;
    this.#log = deps.log;
    this.#onConnected = deps.onConnected ?? (async () => {});
    this.#use = use;
  }

  /**
   * Sends all of these without waiting in between. In a transaction, the first that fails makes the rest fail, and the COMMIT
   * roll back.
   * @throws Failure the first one
   */
  async flight(statements: readonly Statement[]): Promise<readonly QueryResult[]> {
    return this.#send(await this.connected(), statements);
  }

  readonly rows: Rows = rowsBy((statements) => this.flight(statements));

  /**
   * For a transaction of several flights: on the connection of now, and on no later one. A COMMIT on another connection ends
   * nothing, and would be no error.
   * @throws Failure when there is no connection
   */
  async pinned(): Promise<Pick<Session, 'flight' | 'rows'>> {
    const client = await this.connected();
    const flight: Session['flight'] = (statements) => this.#send(client, statements);
    return { flight, rows: rowsBy(flight) };
  }

  async #send(client: pg.Client, statements: readonly Statement[]): Promise<readonly QueryResult[]> {
    const sent = statements.map((statement) => client.query(prepared(statement)));
    const ended = await Promise.allSettled(sent);
    const failed = ended.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw this.#failed(failed.reason, client);
    return ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  /** From now on, whatever is asked of it fails with this; null: no longer. */
  refuse(refusal: Failure | null): void {
    this.#refusal = refusal;
  }

  /** @throws Failure when there is no connection, or everything is refused */
  async connected(): Promise<pg.Client> {
    if (this.#refusal !== null) throw this.#refusal;
    this.#client ??= this.#connect();
    const connecting = this.#client;
    try {
      return await connecting;
    } catch (thrown) {
      if (this.#client === connecting) this.#client = null;
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      const failure = new Failure('unreached', `the database can’t be reached (${message})`, thrown);
      if (this.#isReachable && !this.#isClosed) this.#log.error({ connection: this.#use.name }, failure.message);
      this.#isReachable = false;
      throw failure;
    }
  }

  async #connect(): Promise<pg.Client> {
    if (this.#isClosed) throw new Error('the store is closed');
    const client = new pg.Client({
      ...clientConfig(this.#connectionString, this.#use),
      pipeline: true,
    } as pg.ClientConfig);
    const end = () => this.#forget(client);
    client.on('error', end);
    client.on('end', end);
    try {
      await client.connect();
      const rows: Rows = async <Row extends object>(sql: string, values: readonly unknown[] = []) =>
        (await client.query(prepared({ sql, values }))).rows as Row[];
      await this.#onConnected(rows);
    } catch (thrown) {
      cut(client);
      throw thrown;
    }
    if (!this.#isReachable) this.#log.info({ connection: this.#use.name }, 'the database can be reached again');
    this.#isReachable = true;
    this.#current = client;
    return client;
  }

  #forget(client: pg.Client): void {
    if (this.#current !== client) return;
    this.#current = null;
    this.#client = null;
  }

  #failed(thrown: unknown, client: pg.Client): Failure {
    const failure = failureWith(thrown);
    if (failure.kind === 'lost') {
      // Whatever is still under way on it has no reader any more.
      this.#forget(client);
      cut(client);
    }
    return failure;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    if (client != null) await endClient(client);
  }
}

function rowsBy(flight: Session['flight']): Rows {
  return async <Row extends object>(sql: string, values: readonly unknown[] = []) => {
    const [result] = await flight([{ sql, values }]);
    return (result?.rows ?? []) as Row[];
  };
}
