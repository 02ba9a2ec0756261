import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { Script, Vocabulary } from '../../emulators/runtype/types.ts';
import type { ApplicationRun } from '../protocol.ts';
import { recordEvent, recordStreamEnd } from './run-events.ts';

/** Runs kept for the page. */
const RUNS_KEPT = 20;

export interface ApplicationOptions {
  /** The bot's gateway, an origin. */
  gateway: () => string;
  /** The application's own Runtype key. */
  key: string;
  vocabulary: () => Vocabulary;
  onChange: () => void;
}

/**
 * An application that uses the bot's gateway as its Runtype URL: it starts runs and reads
 * their streams to the end. It has no code for approvals.
 */
export class Application {
  readonly #options: ApplicationOptions;
  readonly #open = new Set<ClientRequest>();
  #runs: ApplicationRun[] = [];
  #lastId = 0;

  constructor(options: ApplicationOptions) {
    this.#options = options;
  }

  get runs(): readonly ApplicationRun[] {
    return this.#runs;
  }

  /** Starts the run; its stream is read in the background. */
  start(script: Script, label: string): ApplicationRun {
    this.#lastId += 1;
    const run: ApplicationRun = {
      id: this.#lastId,
      label,
      vocabulary: this.#options.vocabulary(),
      startedAt: Date.now(),
      text: '',
      events: [],
      end: null,
    };
    this.#runs = [...this.#runs, run].slice(-RUNS_KEPT);
    const target = script.kind === 'agent' ? { agent: { agentId: script.name } } : { flow: { id: script.name } };
    this.#dispatch(run, JSON.stringify({ ...target, streamResponse: true }));
    this.#options.onChange();
    return run;
  }

  close(): void {
    for (const open of this.#open) open.destroy();
  }

  #dispatch(run: ApplicationRun, body: string): void {
    // Not fetch: it aborts a body that is silent for five minutes, and decisions take longer.
    const sent = request(`${this.#options.gateway()}/v1/dispatch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#options.key}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
    });
    this.#open.add(sent);
    sent.on('response', (response) => {
      this.#read(run, response).catch((error: unknown) => this.#cut(run, error));
    });
    sent.on('error', (error) => this.#cut(run, error));
    sent.on('close', () => this.#open.delete(sent));
    sent.end(body);
  }

  async #read(run: ApplicationRun, response: IncomingMessage): Promise<void> {
    response.setEncoding('utf8');
    if (response.statusCode !== 200) {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      this.#end(run, { how: 'refused', detail: `HTTP ${response.statusCode}: ${text.slice(0, 500)}` });
      return;
    }
    const parser = createParser({ onEvent: (event) => recordEvent(run, event.data) });
    for await (const chunk of response) {
      parser.feed(String(chunk));
      this.#options.onChange();
    }
    recordStreamEnd(run);
    this.#options.onChange();
  }

  #cut(run: ApplicationRun, error: unknown): void {
    this.#end(run, { how: 'cut', detail: error instanceof Error ? error.message : String(error) });
  }

  /** Keeps a final event that was read before the connection broke. */
  #end(run: ApplicationRun, end: NonNullable<ApplicationRun['end']>): void {
    run.end ??= end;
    this.#options.onChange();
  }
}
