import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type FailPoint, failPoints } from '../../../src/core/ports/fail-points.ts';
import { scriptFile } from '../../support/child.ts';

const MAIN = 'src/main.ts';
const OWN = 'test/crash/world/bot.ts';
/** Lines of its log that are kept to explain a failure. */
const LINES_KEPT = 4_000;
/** A bot that can't start is started again, as a supervisor does it, after so long, ms. */
const AFTER_A_BAD_START_MS = 300;

export interface Death {
  at: number;
  /** `killed …`, `fail-point …`, or how it ended without a signal of ours. */
  why: string;
  /** No one killed it. */
  byItself: boolean;
  /** It had said that it was ready. */
  wasUp: boolean;
}

export interface BotOptions {
  /** On the rig's entry, with fail-points; otherwise `src/main.ts` as it ships. */
  own: boolean;
  env: Record<string, string>;
  /** Of the replica; null: there is only one, and it has no name. */
  name: string | null;
  folder: string;
  /** Of everything that happens to it, for the timeline. */
  note: (text: string) => void;
  onChange: () => void;
}

/** A time in which it could do nothing, ms since 1970; `to` is infinite until it is over. */
export interface Gap {
  from: number;
  to: number;
}

/** The bot as a child process that dies or freezes, and is started again until the world ends. */
export class Bot {
  readonly deaths: Death[] = [];
  readonly freezes: Gap[] = [];
  readonly lines: string[] = [];
  /** How often it has died at each fail-point. */
  readonly reached = new Map<string, number>();
  readonly armed = new Map<FailPoint, number>();
  starts = 0;
  up = false;
  upSince = Number.POSITIVE_INFINITY;
  /** Of its last start, ms: how fast this machine is at the moment. */
  startMs = 0;
  /** How long it stays down after its next death, ms. */
  downMs = 0;
  /** It starts under another name after its next death, as in a cluster: the other replicas have to notice that it is gone. */
  renames = false;
  readonly #options: BotOptions;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #child: ChildProcess | null = null;
  #wanted = false;
  #killedBy: string | null = null;
  #renamed = 0;

  constructor(options: BotOptions) {
    this.#options = options;
  }

  /** How often it has died: presses of an earlier life are not heard any more. */
  get life(): number {
    return this.deaths.length;
  }

  /** Of the replica, as it is set; null: it has none. */
  get name(): string | null {
    const { name } = this.#options;
    return name === null || this.#renamed === 0 ? name : `${name}-${this.#renamed}`;
  }

  get frozen(): boolean {
    return this.freezes.at(-1)?.to === Number.POSITIVE_INFINITY;
  }

  start(): void {
    this.#wanted = true;
    this.#spawn();
  }

  async untilUp(ms: number): Promise<void> {
    const late = AbortSignal.timeout(ms);
    while (!this.up) {
      await once(this.#events, 'change', { signal: late }).catch(() => {
        throw new Error(`The bot is not up after ${ms} ms. The end of its log:\n${this.lines.slice(-30).join('\n')}`);
      });
    }
  }

  /** It dies when it comes by there for the nth time, in this life or the next one. */
  arm(point: FailPoint, nth: number): void {
    this.armed.set(point, nth);
    this.#tell();
  }

  disarm(): void {
    this.armed.clear();
    this.#tell();
  }

  kill(why: string): void {
    if (this.#child === null || this.#killedBy !== null) return;
    this.#killedBy = `killed ${why}`;
    this.#child.kill('SIGKILL');
  }

  /** It stands still with all that it holds, as on a machine that is suspended, and does not know of it. */
  freeze(): void {
    if (this.#child === null || this.#killedBy !== null || this.frozen) return;
    this.#child.kill('SIGSTOP');
    this.freezes.push({ from: Date.now(), to: Number.POSITIVE_INFINITY });
    this.#options.note('BOT FROZEN');
  }

  thaw(): void {
    const freeze = this.freezes.at(-1);
    if (freeze === undefined || !this.frozen) return;
    freeze.to = Date.now();
    this.#child?.kill('SIGCONT');
    this.#options.note('bot goes on');
  }

  /** True once it is dead, false when `ms` are over first. At once, when it was killed a moment ago. */
  async dead(ms = 10_000, signal?: AbortSignal): Promise<boolean> {
    const limits = [AbortSignal.timeout(ms), ...(signal === undefined ? [] : [signal])];
    return once(this.#events, 'death', { signal: AbortSignal.any(limits) }).then(
      () => true,
      () => false,
    );
  }

  /** For good. */
  async end(): Promise<void> {
    this.#wanted = false;
    if (this.#child === null) return;
    const dead = this.dead();
    this.kill('at the end');
    await dead;
  }

  #tell(): void {
    // One that has just been killed still counts as connected: it needs no orders.
    if (this.#child?.connected === true) this.#child.send(this.#orders(), () => {});
  }

  #orders(): string {
    return [...this.armed].map(([point, nth]) => `${point}:${nth}`).join(',');
  }

  #spawn(): void {
    const { own, env, folder, note } = this.#options;
    const isMutated = env['TORTURE_MUTATION'] !== undefined;
    const child = spawn(process.execPath, [scriptFile(own ? OWN : MAIN, isMutated)], {
      cwd: folder,
      env: { ...env, ...(this.name !== null && { REPLICA: this.name }), TORTURE_POINTS: this.#orders() },
      stdio: ['ignore', 'pipe', 'pipe', ...(own ? (['ipc'] as const) : [])],
    });
    this.starts += 1;
    const startedAt = Date.now();
    this.#child = child;
    this.#killedBy = null;
    note('bot starts');
    let point: FailPoint | null = null;
    const hear = (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      for (const line of text.split('\n')) if (line !== '') this.lines.push(line);
      if (this.lines.length > 2 * LINES_KEPT) this.lines.splice(0, this.lines.length - LINES_KEPT);
      const reached = /^fail-point (\S+)$/m.exec(text)?.[1];
      point = failPoints.find((name) => name === reached) ?? point;
      if (this.up || !text.includes('"msg":"ready"')) return;
      this.up = true;
      this.upSince = Date.now();
      this.startMs = this.upSince - startedAt;
      note('bot is ready');
      this.#changed();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('close', (code, signal) => {
      process.off('exit', kill);
      this.#died(point, code, signal);
    });
  }

  #died(point: FailPoint | null, code: number | null, signal: string | null): void {
    if (point !== null) {
      this.reached.set(point, (this.reached.get(point) ?? 0) + 1);
      this.armed.delete(point);
    }
    // A SIGKILL that is not ours is somebody else's, and one more.
    const foreign = signal === 'SIGKILL' ? 'killed by somebody else' : null;
    const killed = this.#killedBy ?? foreign;
    const byItself = killed === null && point === null;
    const why = point === null ? (killed ?? `it ended by itself (${signal ?? code})`) : `fail-point ${point}`;
    this.thaw();
    if (this.renames) this.#renamed += 1;
    this.renames = false;
    this.deaths.push({ at: Date.now(), why, byItself, wasUp: this.up });
    this.#options.note(`BOT DEAD: ${why}`);
    this.up = false;
    this.upSince = Number.POSITIVE_INFINITY;
    this.#child = null;
    const wait = byItself ? AFTER_A_BAD_START_MS : this.downMs;
    this.downMs = 0;
    if (this.#wanted && wait === 0) this.#spawn();
    else if (this.#wanted) setTimeout(() => this.#wanted && this.#spawn(), wait);
    this.#events.emit('death');
    this.#changed();
  }

  #changed(): void {
    this.#events.emit('change');
    this.#options.onChange();
  }
}

/** Compiles everything once into the cache that the starts to come read from. */
export async function warmUp(env: Record<string, string>, isMutated: boolean): Promise<void> {
  const child = spawn(process.execPath, [scriptFile(OWN, isMutated)], {
    env: { ...env, TORTURE_WARM: '1' },
    stdio: 'ignore',
  });
  await once(child, 'close');
}
