import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { MessageOrigin } from '../guild/guild.ts';
import { refuse } from '../rest/refusal.ts';
import type { DiscordPressResult } from '../types.ts';

export const InteractionType = { ping: 1, command: 2, component: 3, autocomplete: 4, modalSubmit: 5 } as const;

export const CallbackType = { reply: 4, deferReply: 5, deferUpdate: 6, update: 7, suggestions: 8, modal: 9 } as const;

/** One action of a user. The bot has a few seconds to answer it and some minutes for follow-ups. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly type: number;
  readonly userId: string;
  readonly channelId: string;
  /** The message whose component was used, also for a modal that it opened. */
  readonly messageId: string | null;
  readonly modalId: string | null;
  /** Of a form: the interaction that opened it. */
  readonly openedBy: MessageOrigin | null;
  /** The type of the accepted answer; null before it. */
  answer: number | null;
  /** Milliseconds on the monotonic clock. */
  answeredAt: number;
  /** What `@original` means: the reply, or the message that was updated. */
  originalId: string | null;
  /** Messages created with the token. */
  readonly messageIds: Set<string>;
}

export type InteractionDraft = Pick<Interaction, 'type' | 'userId' | 'channelId'> & {
  messageId?: string | null;
  modalId?: string;
  openedBy?: MessageOrigin;
};

interface Pending {
  dispatchedAt: number;
  finish: (result: DiscordPressResult) => void;
  timer: NodeJS.Timeout;
}

/** What messages that result from an interaction record about it. */
export function originOf({ id, type, userId, messageId, openedBy }: Interaction): MessageOrigin {
  return { interactionId: id, type, userId, messageId: openedBy ? null : messageId, openedBy };
}

/** Interactions by id and token, with their deadlines and the promises of their results. */
export class Interactions {
  readonly #budgetMs: number;
  readonly #lifetimeMs: number;
  readonly #nextId: () => string;
  readonly #byId = new Map<string, Interaction & { dispatchedAt: number }>();
  readonly #byToken = new Map<string, Interaction>();
  readonly #pending = new Map<string, Pending>();

  constructor(nextId: () => string, budgetMs: number, lifetimeMs: number) {
    this.#nextId = nextId;
    this.#budgetMs = budgetMs;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Starts an interaction. `result` resolves with the first accepted answer or at the deadline. */
  begin(draft: InteractionDraft): { interaction: Interaction; result: Promise<DiscordPressResult> } {
    const interaction = {
      messageId: null,
      modalId: null,
      openedBy: null,
      ...draft,
      id: this.#nextId(),
      token: randomBytes(48).toString('base64url'),
      answer: null,
      answeredAt: 0,
      originalId: null,
      messageIds: new Set<string>(),
      dispatchedAt: performance.now(),
    };
    this.#byId.set(interaction.id, interaction);
    this.#byToken.set(interaction.token, interaction);
    const result = new Promise<DiscordPressResult>((resolve) => {
      const timer = setTimeout(() => this.#giveUp(interaction.id), this.#budgetMs);
      timer.unref();
      this.#pending.set(interaction.id, { dispatchedAt: interaction.dispatchedAt, finish: resolve, timer });
    });
    return { interaction, result };
  }

  find(id: string | undefined, token: string | undefined): Interaction | undefined {
    const interaction = this.#byId.get(id ?? '');
    return interaction && interaction.token === token ? interaction : undefined;
  }

  /** Milliseconds since the dispatch. */
  age(interaction: Interaction): number {
    const begun = this.#byId.get(interaction.id);
    return begun ? performance.now() - begun.dispatchedAt : Number.POSITIVE_INFINITY;
  }

  /** @throws Refusal 40060 if it is already answered, 10062 after its deadline */
  assertOpen(interaction: Interaction): void {
    if (interaction.answer !== null) throw refuse(40060);
    if (this.age(interaction) > this.#budgetMs) throw refuse(10062);
  }

  /** Records an accepted answer and resolves the interaction's result. */
  answer(interaction: Interaction, type: number): void {
    interaction.answer = type;
    interaction.answeredAt = performance.now();
    this.#settle(interaction.id, { acked: true, afterMs: Math.round(this.age(interaction)), type });
  }

  /** For calls after the answer. @throws Refusal 10015 if unanswered or unknown, 50027 if its token has expired */
  answered(token: string | undefined): Interaction {
    const interaction = this.#byToken.get(token ?? '');
    if (!interaction || interaction.answer === null) throw refuse(10015);
    if (performance.now() - interaction.answeredAt > this.#lifetimeMs) throw refuse(50027);
    return interaction;
  }

  /** The person sees at once that it failed, and no answer counts any more. */
  fail({ id }: Interaction): void {
    const begun = this.#byId.get(id);
    if (begun !== undefined) begun.dispatchedAt = Number.NEGATIVE_INFINITY;
    this.#giveUp(id);
  }

  /** Resolves every open result as unanswered. */
  close(): void {
    for (const id of [...this.#pending.keys()]) this.#giveUp(id);
  }

  #giveUp(id: string): void {
    this.#settle(id, { acked: false, afterMs: null, type: null });
  }

  #settle(id: string, how: Omit<DiscordPressResult, 'interactionId'>): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    pending.finish({ interactionId: id, ...how });
  }
}
