/**
 * Asks the bot's own code what another policy file would do. It runs in a process of its own, which is started with the first
 * question: the sandbox shares no code with the bot. Tested in test/sandbox/page/http/policy.test.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { PolicyPreview } from '../page/protocol.ts';

const takes = z.object({
  rule: z.string().nullable(),
  decides: z.enum(['people', 'rule', 'no one']),
  verdict: z.string(),
  people: z.number(),
  may: z.array(z.object({ name: z.string(), right: z.enum(['allowed', 'unverified', 'requester']) })),
  signed: z.array(z.object({ name: z.string(), counts: z.boolean() })),
});
const previewSchema: z.ZodType<PolicyPreview> = z.object({
  version: z.string().nullable(),
  problems: z.array(z.object({ line: z.number(), column: z.number(), wrong: z.string(), remedy: z.string() })),
  people: z.record(z.string(), z.array(z.string())),
  waiting: z.array(
    z.object({
      id: z.string(),
      tool: z.string(),
      facts: z.string(),
      asker: z.string().nullable(),
      requester: z.string().nullable(),
      askedAt: z.number(),
      now: takes,
      after: takes.nullable(),
      anew: takes.nullable(),
      explanation: z.string(),
    }),
  ),
  requests: z.array(takes.omit({ may: true, signed: true }).extend({ name: z.string() })),
});
const answerSchema = z.union([
  z.object({ id: z.number(), preview: previewSchema }),
  z.object({ id: z.number(), error: z.string() }),
]);

export interface PreviewQuestion {
  /** As it would be saved. */
  text: string;
  /** As it applies now. */
  applied: string;
  /** Its name, for people. */
  source: string;
  /** Requests that could be asked. */
  requests: readonly { name: string; tool: string; [key: string]: unknown }[];
}

interface Asked {
  resolve(preview: PolicyPreview): void;
  reject(error: Error): void;
}

export class PreviewProcess {
  readonly #database: string;
  readonly #asked = new Map<number, Asked>();
  #child: ChildProcess | null = null;
  #lastId = 0;

  /** @param database the bot's; it need not exist yet */
  constructor(database: string) {
    this.#database = database;
  }

  /** @throws Error where the process has ended */
  ask(question: PreviewQuestion): Promise<PolicyPreview> {
    const child = this.#child ?? this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<PolicyPreview>();
    this.#asked.set(id, { resolve, reject });
    child.stdin?.write(`${JSON.stringify({ id, ...question })}\n`);
    return promise;
  }

  close(): void {
    this.#end('The sandbox is closing.');
  }

  #start(): ChildProcess {
    const script = fileURLToPath(new URL('../../cli/policy-preview/main.ts', import.meta.url));
    const child = spawn(process.execPath, [script, this.#database], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child = child;
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    child.on('error', (error) => this.#end(error.message));
    child.on('close', () => {
      process.off('exit', kill);
      if (this.#child === child) this.#end('The process that reads policies has ended.');
    });
    child.stdin.on('error', () => {});
    createInterface({ input: child.stdout }).on('line', (line) => this.#answer(line));
    return child;
  }

  #answer(line: string): void {
    const { data, error } = answerSchema.safeParse(JSON.parse(line));
    if (data === undefined) {
      this.#end(`The process that reads policies answered otherwise than expected: ${z.prettifyError(error)}`);
      return;
    }
    const { id, ...answer } = data;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if ('preview' in answer) asked?.resolve(answer.preview);
    else asked?.reject(new Error(answer.error));
  }

  #end(why: string): void {
    this.#child?.kill();
    this.#child = null;
    for (const { reject } of this.#asked.values()) reject(new Error(why));
    this.#asked.clear();
  }
}
