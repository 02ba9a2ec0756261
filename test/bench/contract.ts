/** What a case of `npm run bench` is; `main.ts` says how to write one. */

export interface Case {
  /** For `--only`. */
  name: string;
  title: string;
  metrics: readonly Metric[];
  /** The first product subject is what the table's ratios are of. */
  subjects: readonly Subject[];
  /** Default: `--quick` runs it, too. False: it can't say anything within ten seconds. */
  quick?: false;
  /** Default: as many as `--rounds` says. For CPU times and counts, which hardly vary. */
  maxRounds?: number;
}

export interface Metric {
  /** The key in a subject's figures. */
  name: string;
  unit: string;
  better: 'less' | 'more';
  goals?: readonly Goal[];
}

/** At most this where less is better, else at least this. */
export interface Goal {
  /** Default: the first product subject. */
  of?: string;
  /** The subject whose figure of the same round it is divided by; absent: the figure itself counts, in the metric's unit. */
  against?: string;
  limit: number;
}

/** By metric. A metric that a subject does not have is absent. */
export type Figures = Record<string, number>;

export interface Subject {
  name: string;
  /** `floor`: the same promise, written by hand. `peer`: another product that users could choose. */
  kind: 'product' | 'floor' | 'peer';
  /**
   * Measures once, in a process of its own on the core of the load; what it measures is started with `bench.start…`.
   * `inProcess`: it measures itself, on the core of the server.
   */
  measure(bench: Bench): Promise<Figures>;
  inProcess?: boolean;
  /** False: `--quick` leaves it out, and goals against it. */
  quick?: false;
}

/** What a subject gets to measure with. */
export interface Bench {
  /** Make it short: the whole of `--quick` takes less than three minutes, so one subject about three seconds. */
  readonly quick: boolean;
  /** Empty, for databases and files, on the disk; deleted afterwards. */
  readonly folder: string;
  /** For what is made once and used by several subjects; deleted at the end of the run. */
  readonly shared: string;
  /** Starts the product as production does: its log is JSON in a file, from level `info`. Resolves when it is ready. */
  startProduct(settings: Record<string, string>, options?: ProductOptions): Promise<Server>;
  /** Starts a script of this repository, on the core of the server. Resolves when it has printed `ready PORT`. */
  startServer(script: string, options?: ServerOptions): Promise<Server>;
}

export interface ServerOptions {
  args?: readonly string[];
  env?: Record<string, string>;
  /** Of Node, before the script. */
  flags?: readonly string[];
}

export interface ProductOptions {
  /** Default: what `--from` says. */
  from?: 'source' | 'bundle';
  flags?: readonly string[];
  /** Default: the line of its log that says that it is ready. */
  until?: RegExp;
}

/** A process that is measured. It is killed when the subject has ended. */
export interface Server {
  readonly pid: number;
  /** Where it listens; 0: it did not say. */
  readonly port: number;
  /** From the start of the process to its ready line, ms. */
  readonly readyMs: number;
  /** CPU time of all its threads so far, ms, in steps of 10; NaN where the system does not tell. */
  cpuMs(): number;
  /** Resident memory, MB; NaN where the system does not tell. */
  rssMb(): number;
  /** What it has printed so far. */
  output(): string;
  /** Resolves once a line of its output matches. */
  printed(line: RegExp): Promise<void>;
  /** SIGTERM; resolves when it has exited. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it has exited. */
  kill(): Promise<void>;
}
