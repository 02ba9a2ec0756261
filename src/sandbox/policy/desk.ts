/** The policy file as the page edits it. Tested in test/sandbox/page/http/policy.test.ts. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Script } from '../emulators/runtype/types.ts';
import type { PolicyFileState, PolicyPreview, SavedPolicy } from '../page/protocol.ts';
import { PreviewProcess, type PreviewQuestion } from './preview-process.ts';

const POLL_MS = 50;
/** Where no event reports a change, the bot looks every 5 s. */
const LOADED_WITHIN_MS = 8_000;

const readySchema = z.object({
  policy: z.object({ version: z.string(), problems: z.array(z.string()) }).nullable(),
});

export interface DeskOptions {
  file: string;
  /** What is in it at the start: a valid policy. */
  first: string;
  database: string;
  scripts: () => Iterable<Script>;
  /** The bot's address, an origin; null while it does not run. */
  bot: () => string | null;
  onChange: () => void;
  /** For tests. */
  loadedWithinMs?: number;
}

export class PolicyDesk {
  readonly #options: DeskOptions;
  readonly #process: PreviewProcess;
  /** The last text without errors: the bot keeps to it. */
  #applied: string;
  #saved: string;
  #isWrong = false;
  /** Serialises what is saved. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#process = new PreviewProcess(options.database);
    this.#applied = options.first;
    this.#saved = options.first;
  }

  get state(): PolicyFileState {
    const { file, first } = this.#options;
    return { file: basename(file), text: this.#saved, first, isWrong: this.#isWrong };
  }

  /** What this text would do. @throws Error where the bot's code can't answer */
  preview(text: string): Promise<PolicyPreview> {
    return this.#process.ask(this.#question(text));
  }

  /** Writes the file, and waits until the bot has read it. */
  save(text: string): Promise<SavedPolicy> {
    const turn = this.#queue.then(() => this.#save(text));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Takes the file as it is, where somebody else has changed it; one that is not there changes nothing.
   * @throws Error where the bot's code can't answer, also as the sandbox is closing; the next call tries again
   */
  reread(): Promise<void> {
    const turn = this.#queue.then(() => this.#reread());
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #reread(): Promise<void> {
    const text = await readFile(this.#options.file, 'utf8').catch(() => this.#saved);
    if (text === this.#saved) return;
    const { version } = await this.preview(text);
    this.#saved = text;
    this.#isWrong = version === null;
    if (version !== null) this.#applied = text;
    this.#options.onChange();
  }

  close(): void {
    this.#process.close();
  }

  async #save(text: string): Promise<SavedPolicy> {
    const { file, onChange } = this.#options;
    const { version, problems } = await this.preview(text);
    // In one step: the bot never reads a part of it.
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
    this.#saved = text;
    this.#isWrong = version === null;
    if (version !== null) this.#applied = text;
    onChange();
    return { version, errors: problems.length, bot: await this.#untilRead(version) };
  }

  /** @param version null: the file has errors */
  async #untilRead(version: string | null): Promise<SavedPolicy['bot']> {
    const deadline = performance.now() + (this.#options.loadedWithinMs ?? LOADED_WITHIN_MS);
    while (performance.now() < deadline) {
      const address = this.#options.bot();
      if (address === null) return 'stopped';
      const policy = await readyPolicy(address);
      if (version !== null && policy?.version === version && policy.problems.length === 0) return 'loaded';
      if (version === null && policy !== null && policy.problems.length > 0) return 'refused';
      await wait(POLL_MS);
    }
    return 'unknown';
  }

  #question(text: string): PreviewQuestion {
    const { file, scripts } = this.#options;
    const requests = [...scripts()].flatMap(requestOf);
    return { text, applied: this.#applied, source: basename(file), requests };
  }
}

async function readyPolicy(address: string) {
  try {
    const response = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(1_000) });
    return readySchema.parse(await response.json()).policy;
  } catch {
    return null;
  }
}

/** The first approval that a script asks for. */
function requestOf({ name, title, kind, steps }: Script): PreviewQuestion['requests'][number][] {
  const call = steps.find((step) => step.do === 'approval');
  if (call === undefined) return [];
  const { toolName: tool, parameters: params, description = null } = call;
  return [{ name, tool, params, description, asker: title, ...(kind === 'agent' && { asker_id: name }) }];
}
