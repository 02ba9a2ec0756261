/** All processes of the bot in a world: one on SQLite, one or more on PostgreSQL. */
import type { FailPoint } from '../../../src/core/ports/fail-points.ts';
import type { CuttingProxy } from '../../support/network/cutting-proxy.ts';
import type { Bot, Death, Gap } from './bot-process.ts';

/** After a cut, connections are there again within this, ms: on two busy cores, too. */
const CONNECTED_WITHIN_MS = 3_000;

export interface Replica {
  bot: Bot;
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Its line to the database; null: the database is a file. */
  line: CuttingProxy | null;
}

/** What a person, a sender or the checker needs to know of the bot, whichever of its processes it is. */
export class Replicas {
  readonly all: readonly Replica[];
  /** When a line to the database stalled. */
  readonly stalls: Gap[] = [];
  /** When connections to the database were cut, and until when they were made again. */
  readonly #cuts: Gap[] = [];
  readonly #bots: readonly Bot[];
  #turn = 0;

  constructor(all: readonly Replica[]) {
    this.all = all;
    this.#bots = all.map(({ bot }) => bot);
  }

  /** @throws Error when there is none of this number */
  at(index: number): Replica {
    const replica = this.all[index];
    if (replica === undefined) throw new Error(`there is no replica ${index}`);
    return replica;
  }

  /** The next one that is up, as a proxy in front of them chooses it; one that is frozen looks as if it were up. */
  url(): string {
    const up = this.all.filter(({ bot }) => bot.up);
    const from = up.length === 0 ? this.all : up;
    this.#turn += 1;
    return from[this.#turn % from.length]?.url ?? '';
  }

  /** How often any has died: presses of an earlier life may not be heard any more. */
  get life(): number {
    return this.#sum((bot) => bot.deaths.length);
  }

  get starts(): number {
    return this.#sum((bot) => bot.starts);
  }

  /** Whether any is up. */
  get up(): boolean {
    return this.#bots.some((bot) => bot.up);
  }

  /** Whether all are up and none stands still. */
  get allUp(): boolean {
    return this.#bots.every((bot) => bot.up && !bot.frozen);
  }

  /** Since when all are up. */
  get upSince(): number {
    return Math.max(...this.#bots.map((bot) => bot.upSince));
  }

  get startMs(): number {
    return Math.max(...this.#bots.map((bot) => bot.startMs));
  }

  get deaths(): readonly Death[] {
    return this.#bots.flatMap((bot) => bot.deaths).sort((a, b) => a.at - b.at);
  }

  get freezes(): readonly Gap[] {
    return this.#bots.flatMap((bot) => bot.freezes);
  }

  /** How often it has died at each fail-point. */
  get reached(): ReadonlyMap<string, number> {
    const all = new Map<string, number>();
    for (const { reached } of this.#bots) {
      for (const [point, times] of reached) all.set(point, (all.get(point) ?? 0) + times);
    }
    return all;
  }

  /** Those that none has died at. */
  get armed(): ReadonlySet<FailPoint> {
    const [first, ...others] = this.#bots.map(({ armed }) => new Set(armed.keys()));
    return others.reduce((left, one) => left.intersection(one), first ?? new Set<FailPoint>());
  }

  /** The one that comes by there first for the nth time dies, in this life or the next one. */
  arm(point: FailPoint, nth: number): void {
    for (const bot of this.#bots) bot.arm(point, nth);
  }

  disarm(): void {
    for (const bot of this.#bots) bot.disarm();
  }

  /** The end of all logs. */
  lastLines(count: number): string[] {
    return this.all.flatMap(({ bot }) => [
      ...(this.all.length > 1 ? [`Of replica ${bot.name}:`] : []),
      ...bot.lines.slice(-count),
    ]);
  }

  /** Whether a process was dead, or could neither act nor say that it is alive, at any time between the two. */
  stoodStill(from: number, to: number): boolean {
    const overlaps = (gap: Gap) => gap.from <= to && gap.to >= from;
    return this.deaths.some(({ at }) => at >= from && at <= to) || [...this.freezes, ...this.stalls].some(overlaps);
  }

  /** Whether anything hindered the work with the database, at any time between the two. */
  databaseFailed(from: number, to: number): boolean {
    return [...this.stalls, ...this.freezes, ...this.#cuts].some((gap) => gap.from <= to && gap.to >= from);
  }

  wasCut(): void {
    const now = Date.now();
    this.#cuts.push({ from: now, to: now + CONNECTED_WITHIN_MS });
  }

  get cuts(): number {
    return this.#cuts.length;
  }

  /** Either of them: what was under way may have been recorded or not. */
  failed(from: number, to: number): boolean {
    return this.stoodStill(from, to) || this.databaseFailed(from, to);
  }

  start(): void {
    for (const bot of this.#bots) bot.start();
  }

  async untilUp(ms: number): Promise<void> {
    await Promise.all(this.#bots.map((bot) => bot.untilUp(ms)));
  }

  /** Everything that was stopped goes on. */
  heal(): void {
    for (const { bot, line } of this.all) {
      bot.thaw();
      line?.spare();
      line?.flow();
    }
    for (const gap of this.stalls) gap.to = Math.min(gap.to, Date.now());
  }

  /** For good. */
  async end(): Promise<void> {
    await Promise.all(this.#bots.map((bot) => bot.end()));
    await Promise.all(this.all.map(({ line }) => line?.close()));
  }

  #sum(of: (bot: Bot) => number): number {
    return this.#bots.reduce((sum, bot) => sum + of(bot), 0);
  }
}
