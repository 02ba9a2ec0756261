/** A bot that a person starts and stops by themselves: the sandbox only looks whether it runs. */
import type { Bot, BotStatus, LogLine } from '../page/protocol.ts';

/** A person who has started or stopped it sees it on the page at once, and a look costs a millisecond. */
const LOOK_MS = 1_000;

export interface OwnBotOptions {
  port: number;
  /** Where it is started. */
  folder: string;
  onChange: () => void;
  /** After each look. */
  onLook: () => Promise<unknown>;
  isHealthy: (port: number) => Promise<boolean>;
}

export class OwnBot implements Bot {
  readonly port: number;
  readonly #options: OwnBotOptions;
  readonly #lines: readonly LogLine[];
  #running = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: OwnBotOptions) {
    this.port = options.port;
    this.#options = options;
    this.#lines = [{ number: 1, text: 'This bot is your own: its log is in the terminal in which you started it.' }];
  }

  get running(): boolean {
    return this.#running;
  }

  get status(): BotStatus {
    const { port, folder } = this.#options;
    return { state: this.#running ? 'running' : 'stopped', port, died: null, ownIn: folder };
  }

  get log(): readonly LogLine[] {
    return this.#lines;
  }

  /** Looks for it from now on. */
  async watch(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  unwatch(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** What `onLook` can't do now, the next look tries again. */
  async look(): Promise<void> {
    const { port, onChange, onLook, isHealthy } = this.#options;
    const running = await isHealthy(port);
    const isNew = running !== this.#running;
    this.#running = running;
    if (isNew) onChange();
    await onLook().catch(() => undefined);
  }

  /** @throws Error always: whoever started it has its terminal */
  async start(): Promise<void> {
    throw new Error(`This bot is your own: start it in ${this.#options.folder}.`);
  }

  /** @throws Error always */
  async stop(): Promise<void> {
    throw new Error('This bot is your own: stop it by Ctrl-C in its terminal.');
  }
}
