import { Routes } from 'discord.js';
import { writtenIn } from '../../../core/form/form.ts';
import { coerceError, PlatformError } from '../../../core/ports/errors.ts';
import type { Clock, Handlers, Log } from '../../../core/ports/ports.ts';
import { badFilterText, NO_LIST } from '../../../core/view/lists/pending-list.ts';
import { FOREIGN_COMMAND, NOT_RECORDED, NOT_STARTED, OUT_OF_DATE } from '../../../core/view/refusals.ts';
import { codes, DiscordRefusal, hasCode } from '../api/errors.ts';
import type { SendRequest } from '../api/rest.ts';
import type { Attachment } from '../render/details.ts';
import type { Json } from '../render/message.ts';
import {
  type InteractionReply,
  listReply,
  listUpdateReply,
  privateReply,
  renderAnswer,
  suggestions,
} from '../render/reply.ts';
import { type InteractionRef, type ParsedInteraction, parseInteraction } from './interaction.ts';
import { type ListRequest, parseListRequest } from './list-command.ts';
import { choicesOf, matching, type ParsedCommand, parseRunCommand } from './run-command.ts';

/** Discord waits so long for the answer to a press, ms. */
const ANSWER_BUDGET_MS = 3_000;

type Pressed = Extract<ParsedInteraction, { kind: 'press' }>;

/**
 * Takes an INTERACTION_CREATE dispatch through to its answer. Never rejects: by the time the answer goes out the press is
 * recorded, and the cards say the rest.
 */
export function createInteractionHandler(options: {
  handlers: Handlers;
  /** Names of what our command can start. */
  runs: readonly string[];
  /** What a list is offered to be filtered by, while somebody types. */
  filters: readonly string[];
  /** The server where commands are taken from; null: none yet. */
  guild: () => string | null;
  send: SendRequest;
  clock: Clock;
  log: Log;
}): (dispatch: unknown) => Promise<void> {
  const { handlers, runs, filters, guild, send, clock, log } = options;

  return async function handle(dispatch) {
    const answerBy = clock.monotonic() + ANSWER_BUDGET_MS;
    const commanded = parseRunCommand(dispatch, guild());
    if (commanded !== null) return void (await answer(commanded.handle, await commandAnswer(commanded), answerBy));
    const looked = parseListRequest(dispatch, guild());
    if (looked !== null) return void (await answer(looked.handle, await lookAnswer(looked), answerBy));
    const interacted = parseInteraction(dispatch);
    switch (interacted.kind) {
      case 'unsupported':
        log.warn({ reason: interacted.reason }, 'an interaction that is not ours was left alone');
        return;
      case 'stale':
        await answer(interacted.handle, privateReply(OUT_OF_DATE), answerBy);
        return;
      case 'press': {
        const { handle } = interacted;
        const { body, file, after } = await bodyFor(interacted);
        const taken = await answer(handle, body, answerBy, file);
        if (taken && after !== undefined) await follow(handle, after);
      }
    }
  };

  async function commandAnswer(commanded: ParsedCommand): Promise<Json> {
    if (commanded.kind === 'typing')
      return suggestions(commanded.typed === null ? [] : choicesOf(matching(runs, commanded.typed)));
    if (commanded.kind === 'foreign') {
      log.warn({}, 'a command from elsewhere was refused');
      return privateReply(FOREIGN_COMMAND);
    }
    const { command } = commanded;
    try {
      const { text, rooms } = await handlers.onCommand(command);
      return privateReply(text, null, { rooms });
    } catch (thrown) {
      log.error({ command: command.id, err: coerceError(thrown) }, 'a command was not recorded');
      return privateReply(NOT_STARTED);
    }
  }

  async function lookAnswer(looked: ListRequest): Promise<Json> {
    switch (looked.kind) {
      case 'typing':
        return suggestions(choicesOf(matching(['mine', 'all', ...filters], looked.typed)));
      case 'foreign':
        return privateReply(FOREIGN_COMMAND);
      case 'bad_filter':
        return privateReply(badFilterText(looked.typed));
      case 'look':
      case 'turn':
        break;
    }
    try {
      const list = await handlers.onList(looked.look);
      return looked.kind === 'look' ? listReply(list, guild()) : listUpdateReply(list, guild());
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'what waits could not be read');
      return privateReply(NO_LIST);
    }
  }

  async function bodyFor({ press, fromMessage, fromPrivate }: Pressed): Promise<InteractionReply> {
    const written = press.form === null ? null : writtenIn(press.form);
    try {
      const page = press.aim.page?.at ?? 0;
      return renderAnswer(await handlers.onPress(press), { written, fromMessage, fromPrivate, page }, guild());
    } catch (thrown) {
      log.error(
        { press: press.id, approval: press.aim.approvalId, err: coerceError(thrown) },
        'a press was not recorded',
      );
      return { body: privateReply(NOT_RECORDED, written), file: null };
    }
  }

  /** A private message behind the answer. */
  async function follow({ application, token }: InteractionRef, body: Json) {
    if (application === null) return;
    try {
      const signal = AbortSignal.timeout(ANSWER_BUDGET_MS);
      await send({ method: 'POST', route: Routes.webhook(application, token), body, auth: false, signal });
    } catch (thrown) {
      log.warn({ err: coerceError(thrown) }, 'what somebody wrote could not be given back');
    }
  }

  /** Answers once; a second try after a lost connection is harmless, for Discord takes only one answer. */
  async function answer(
    { id, token }: InteractionRef,
    body: Json,
    answerBy: number,
    file: Attachment | null = null,
  ): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const signal = AbortSignal.timeout(ANSWER_BUDGET_MS);
        const files = file === null ? [] : [file];
        await send({ method: 'POST', route: Routes.interactionCallback(id, token), body, files, auth: false, signal });
        return true;
      } catch (thrown) {
        const error = coerceError(thrown);
        if (attempt > 1 && hasCode(error, codes.alreadyAnswered)) return true;
        const passing = error instanceof PlatformError && (error.kind === 'ambiguous' || error.kind === 'unsent');
        if (attempt === 1 && passing && clock.monotonic() < answerBy) continue;
        const code = error instanceof DiscordRefusal ? error.code : null;
        log.warn({ interaction: id, code, error: error.message }, 'Discord did not take the answer to a press');
        return false;
      }
    }
  }
}
