import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Bot, BotStatus, LogLine } from './page/protocol.ts';

const LINES_KEPT = 200;
/** Characters of a log line shown on the page; the log file holds the whole line. */
const LINE_SHOWN = 4_000;
/** A busy machine takes ten times as long as an idle one. */
const READY_WITHIN_MS = 60_000;
const POLL_MS = 50;
/** How long the bot may take to stop before it is killed. */
const STOP_WITHIN_MS = 20_000;

export interface BotProcessOptions {
  /** The file to run, absolute. */
  script: string;
  /** The child's complete environment. */
  env: Record<string, string>;
  /** Working directory, and where the log file goes: a folder without a `.env`. */
  folder: string;
  port: number;
  onChange: () => void;
}

/** The bot as it ships, as a child process that can be stopped and started again. */
export class BotProcess implements Bot {
  readonly port: number;
  readonly #options: BotProcessOptions;
  #lines: LogLine[] = [];
  #lastLine = 0;
  #child: ChildProcess | null = null;
  #state: BotStatus['state'] = 'stopped';
  #died: string | null = null;
  /** Serialises starts and stops. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: BotProcessOptions) {
    this.#options = options;
    this.port = options.port;
  }

  get status(): BotStatus {
    return { state: this.#state, port: this.port, died: this.#died };
  }

  get running(): boolean {
    return this.#state === 'running';
  }

  get log(): readonly LogLine[] {
    return this.#lines;
  }

  /**
   * Resolves when the bot answers its health check.
   * @throws Error with the end of its log when it dies before that, or takes too long.
   */
  start(): Promise<void> {
    return this.#inTurn(() => this.#start());
  }

  /** Asks the bot to stop and waits until it has; a bot that does not stop in time is killed. */
  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop());
  }

  async #start(): Promise<void> {
    if (this.#child) return;
    const { script, env, folder } = this.#options;
    // Its own process group: Ctrl-C in a terminal reaches only the sandbox, which then stops the bot cleanly.
    const child = spawn(process.execPath, [script], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    this.#enter('starting');
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (line) => this.#note(line));
    }
    child.once('error', (error) => this.#note(error.message));
    child.once('close', (code, signal) => {
      process.off('exit', kill);
      this.#child = null;
      const asked = this.#state === 'stopping';
      this.#enter('stopped', asked ? null : signal ? `killed by ${signal}` : `exit code ${code}`);
    });
    await this.#untilReady(child);
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (this.#child === child && Date.now() < deadline) {
      if (await isHealthy(this.port)) {
        if (this.#child === child) this.#enter('running');
        return;
      }
      await wait(POLL_MS);
    }
    const why = this.#child === child ? `was not ready after ${READY_WITHIN_MS} ms` : `stopped: ${this.#died}`;
    await this.#stop();
    const end = this.#lines.slice(-30).map((line) => line.text);
    throw new Error([`The bot did not start; it ${why}. The end of its log:`, ...end].join('\n'));
  }

  async #stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#enter('stopping');
    const closed = once(child, 'close');
    const timer = setTimeout(() => {
      this.#note(`(sandbox) The bot did not stop within ${STOP_WITHIN_MS} ms; killing it.`);
      child.kill('SIGKILL');
    }, STOP_WITHIN_MS);
    child.kill('SIGTERM');
    await closed;
    clearTimeout(timer);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  #enter(state: BotStatus['state'], died: string | null = null): void {
    this.#state = state;
    this.#died = died;
    this.#options.onChange();
  }

  #note(line: string): void {
    appendFileSync(join(this.#options.folder, 'bot.log'), `${line}\n`);
    this.#lastLine += 1;
    this.#lines = [...this.#lines, { number: this.#lastLine, text: line.slice(0, LINE_SHOWN) }].slice(-LINES_KEPT);
    this.#options.onChange();
  }
}

/** Whether a bot answers at this port of this machine. */
export async function isHealthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
