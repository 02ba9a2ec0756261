/** What replicas tell each other, by NOTIFY: it may be lost. Tested in test/store/postgres/fleet/fleet.test.ts. */
import pg from 'pg';
import type { Clock, Log } from '../../../core/ports/ports.ts';
import type { Word } from '../../../core/ports/store/fleet.ts';
import { clientConfig } from '../connection/config.ts';
import { cut, endClient } from '../connection/ends.ts';
import { listen, notify } from './sql.ts';

/** Inside a commit a notification would serialise all commits; outside, one for all that were made in this time is enough; ms. */
const TOGETHER_MS = 20;
/** Between two tries to connect, ms. Until then, this replica looks by itself. */
const RECONNECT_MS = 1_000;
/** PostgreSQL takes 8,000 bytes. */
const PAYLOAD_BYTES = 7_900;

interface Message {
  from: string;
  words: Word[];
}

/** A connection that listens, and sends. */
export class Words {
  readonly #connectionString: string;
  readonly #me: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #listeners = new Set<(word: Word) => void>();
  #client: pg.Client | null = null;
  #waiting: Word[] = [];
  #isClosed = false;
  readonly #closing = new AbortController();

  constructor(deps: { connectionString: string; me: string; clock: Clock; log: Log }) {
    this.#connectionString = deps.connectionString;
    this.#me = deps.me;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Whether words of others come in. */
  get isListening(): boolean {
    return this.#client !== null;
  }

  /** Goes on until it is closed; the first try is over when this resolves. */
  async start(): Promise<void> {
    const isConnected = await this.#connect();
    if (!isConnected) void this.#reconnect();
  }

  on(listener: (word: Word) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(word: Word): void {
    const isRepeated = word.type === 'jobs' || word.type === 'records';
    if (isRepeated && this.#waiting.some(({ type }) => type === word.type)) return;
    this.#waiting.push(word);
    if (this.#waiting.length === 1) setTimeout(() => this.#send(), TOGETHER_MS).unref();
  }

  #send(): void {
    const words = this.#waiting;
    this.#waiting = [];
    const payload = JSON.stringify({ from: this.#me, words } satisfies Message);
    if (this.#client === null || Buffer.byteLength(payload) > PAYLOAD_BYTES) return;
    this.#client.query(notify, [payload]).catch((error: unknown) => {
      this.#log.debug({ err: error }, 'the other replicas could not be told; they look by themselves');
    });
  }

  async #connect(): Promise<boolean> {
    const client = new pg.Client(clientConfig(this.#connectionString, { name: 'words' }));
    const end = () => {
      if (this.#client !== client) return;
      this.#client = null;
      if (!this.#isClosed) void this.#reconnect();
    };
    client.on('error', end);
    client.on('end', end);
    client.on('notification', ({ payload = '' }) => this.#hear(payload));
    try {
      await client.connect();
      await client.query(listen);
    } catch (thrown) {
      cut(client);
      this.#log.debug({ err: thrown }, 'no connection for the words of other replicas');
      return false;
    }
    if (this.#isClosed) {
      cut(client);
      return true;
    }
    this.#client = client;
    return true;
  }

  async #reconnect(): Promise<void> {
    this.#log.warn({}, 'words of other replicas don’t come in: until they do, this one looks every second');
    do await this.#clock.sleep(RECONNECT_MS, this.#closing.signal).catch(() => {});
    while (!this.#isClosed && !(await this.#connect()));
    // What was said meanwhile was not heard.
    if (!this.#isClosed) for (const type of ['jobs', 'records'] as const) this.#tellOwn({ type });
  }

  #hear(payload: string): void {
    let message: Partial<Message>;
    try {
      message = JSON.parse(payload) as Partial<Message>;
    } catch {
      return;
    }
    if (message.from === this.#me) return;
    for (const word of message.words ?? []) this.#tellOwn(word);
  }

  #tellOwn(word: Word): void {
    for (const listener of this.#listeners) listener(word);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort();
    const client = this.#client;
    this.#client = null;
    if (client !== null) await endClient(client);
  }
}
