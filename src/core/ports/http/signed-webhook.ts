/** A webhook whose sender signs each request together with its time: what both platforms do with presses over HTTP. */
import type { BufferBudget } from '../buffer-budget.ts';
import { type HttpAnswer, type HttpMount, textAnswer } from '../http.ts';
import type { Clock, Log } from '../ports.ts';
import { mountWebhook } from './webhook.ts';

/** How old a request may be, or ahead of our clock, which may be late. A platform waits seconds for its answer. */
export const SIGNED_WITHIN_MS = 5 * 60_000;
/** A request is accepted for that long before and after its time, so its copies are remembered for as long. */
const REMEMBER_MS = 2 * SIGNED_WITHIN_MS;
/** The platforms’ own requests are much smaller: a form at its limits has about 300 KB. */
const MAX_BODY_BYTES = 1024 * 1024;
/** The platforms’ time limit for an answer; a later one is lost. */
const DRAIN_MS = 3_000;

type Headers = Readonly<Record<string, string>>;

/** How a sender signs. */
export interface Signing {
  /** The names of its headers, in lower case. The time is in seconds since 1970. */
  headers: { signature: string; time: string };
  /** The form of every signature. */
  form: RegExp;
  /** Whether this is the signature of these bytes. Gets only signatures of that form. */
  verify(signature: string, time: string, bytes: Uint8Array): boolean;
}

/** Whether these may be the headers of a request that is signed and fresh; its body is read only then. */
export function maybeSigned({ headers: names, form }: Signing, headers: Headers, now: number): boolean {
  const time = headers[names.time] ?? '';
  const isFresh = /^\d{1,12}$/.test(time) && Math.abs(now - Number(time) * 1000) <= SIGNED_WITHIN_MS;
  return isFresh && form.test(headers[names.signature] ?? '');
}

/** Whether these bytes were signed, within five minutes of `now` (ms since 1970). */
export function isSigned(signing: Signing, headers: Headers, bytes: Uint8Array, now: number): boolean {
  const { signature, time } = signing.headers;
  return maybeSigned(signing, headers, now) && signing.verify(headers[signature] ?? '', headers[time] ?? '', bytes);
}

export interface SignedRequest {
  headers: Headers;
  bytes: Uint8Array;
  /** The first answer counts. Resolves once it was sent: what follows an answer waits for it. */
  answer(answer: HttpAnswer): Promise<void>;
}

export interface SignedWebhookOptions {
  path: string;
  signing: Signing;
  buffers: BufferBudget;
  clock: Clock;
  log: Log;
  /** Answers what is not signed. */
  refuse(remoteAddress: string): HttpAnswer | Promise<HttpAnswer>;
  /** Resolves once nothing of the request is in progress. Never rejects; it has answered then. */
  handle(request: SignedRequest): Promise<void>;
}

/** Verifies each request, and runs a copy of one only once: the copy gets the answer of the first. */
export class SignedWebhook {
  readonly #options: SignedWebhookOptions;
  /** Answers by signature. */
  readonly #seen = new Map<string, { at: number; answer: Promise<HttpAnswer> }>();
  readonly #handling = new Set<Promise<void>>();
  readonly #requests = { signed: 0, refused: 0 };

  constructor(options: SignedWebhookOptions) {
    this.#options = options;
  }

  /** How many have come since the start, by whether their signature was right. */
  get requests(): { readonly signed: number; readonly refused: number } {
    return this.#requests;
  }

  get mount(): HttpMount {
    const { path, signing, buffers, clock } = this.#options;
    return mountWebhook({
      path,
      maxBytes: MAX_BODY_BYTES,
      buffers,
      admit: async (headers, remoteAddress) =>
        maybeSigned(signing, headers, clock.now()) ? null : await this.#refuse(remoteAddress),
      receive: async (headers, bytes, answered, remoteAddress) =>
        bytes === null
          ? textAnswer(413, `The limit is ${MAX_BODY_BYTES} bytes.`)
          : await this.receive(headers, bytes, answered, remoteAddress),
    });
  }

  /**
   * Handles one request from its raw bytes. Never rejects.
   * @param answered resolves once the answer was sent
   */
  async receive(
    headers: Headers,
    bytes: Uint8Array,
    answered: Promise<void> = Promise.resolve(),
    remoteAddress = '',
  ): Promise<HttpAnswer> {
    const { path, signing, clock, log } = this.#options;
    const now = clock.now();
    if (!isSigned(signing, headers, bytes, now)) return await this.#refuse(remoteAddress);
    this.#requests.signed += 1;
    this.#forgetOld(now);
    // Hex digits are the same in either case.
    const signature = (headers[signing.headers.signature] ?? '').toLowerCase();
    const known = this.#seen.get(signature);
    if (known !== undefined) {
      log.warn({ path }, 'the same signed request came twice; the second one has no effect');
      return await known.answer;
    }
    const answer = this.#handle(headers, bytes, answered);
    this.#seen.set(signature, { at: now, answer });
    return await answer;
  }

  /** Waits for presses in progress, at most DRAIN_MS. Never rejects. */
  async drained(): Promise<void> {
    const timer = new AbortController();
    const late = this.#options.clock.sleep(DRAIN_MS, timer.signal).catch(() => {});
    await Promise.race([Promise.allSettled(this.#handling), late]);
    timer.abort();
  }

  #handle(headers: Headers, bytes: Uint8Array, answered: Promise<void>): Promise<HttpAnswer> {
    const { promise, resolve } = Promise.withResolvers<HttpAnswer>();
    const answer = (given: HttpAnswer) => {
      resolve(given);
      return answered;
    };
    const handling = this.#options.handle({ headers, bytes, answer }).finally(() => this.#handling.delete(handling));
    this.#handling.add(handling);
    return promise;
  }

  async #refuse(remoteAddress: string): Promise<HttpAnswer> {
    this.#requests.refused += 1;
    return await this.#options.refuse(remoteAddress);
  }

  #forgetOld(now: number): void {
    for (const [signature, { at }] of this.#seen) {
      if (now - at <= REMEMBER_MS) return;
      this.#seen.delete(signature);
    }
  }
}
