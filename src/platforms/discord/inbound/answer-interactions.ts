/** Interactions on Discord, from the dispatch to the answer. */
import { writtenIn } from '../../../core/form/form.ts';
import { coerceError, failedCommandText, failedPressText } from '../../../core/ports/errors.ts';
import type { Metrics } from '../../../core/ports/metrics.ts';
import type { Clock, ForeignReason, Handlers, Log, PressAnswer } from '../../../core/ports/ports.ts';
import type { Command } from '../../../core/view/command.ts';
import { badFilterText, NO_LIST } from '../../../core/view/lists/pending-list.ts';
import {
  FOREIGN_CARD,
  FOREIGN_COMMAND,
  FORM_NOT_OPENED,
  OUT_OF_DATE,
  refusalText,
} from '../../../core/view/refusals.ts';
import type { SendRequest } from '../api/rest.ts';
import type { Json } from '../render/message.ts';
import {
  commandReply,
  type InteractionReply,
  listReply,
  listUpdateReply,
  opensForm,
  privateReply,
  renderAnswer,
  suggestions,
} from '../render/reply.ts';
import { attemptIn, foreignApplication, foreignReason, hasButton, type Ours } from './check-origin.ts';
import { ClaimNotes } from './claim-notes.ts';
import { type ParsedListRequest, parseListRequest } from './list-command.ts';
import { glanceAt, type ParsedInteraction, parseInteraction, refIn } from './parse-interaction.ts';
import { ANSWER_MS, type AnswerInPlace, createReplies, type Received } from './replies.ts';
import { choicesOf, matching, type ParsedCommand, parseAnswerButton, parseRunCommand } from './run-command.ts';

type ParsedPress = Extract<ParsedInteraction, { kind: 'press' }>;

export interface InteractionOptions {
  handlers: Handlers;
  /** Names of the runs that our command can start. */
  runs: () => readonly string[];
  /** Suggested filters of the list. */
  filters: readonly string[];
  ours: () => Ours;
  send: SendRequest;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'observe'>;
}

/** As Discord numbers the types of interactions. */
const requests = new Map<unknown, string>([
  [2, 'command'],
  [3, 'press'],
  [5, 'form'],
]);

/** @param inPlace answers the request that brought it; absent: it came over the gateway */
export type InteractionHandler = (dispatch: unknown, inPlace?: AnswerInPlace) => Promise<void>;

/**
 * Handles interactions, as a dispatch of the gateway or a request to our endpoint carries them. Never rejects: a press is
 * committed before its answer is sent, and the cards show the rest.
 */
export function createInteractionHandler(options: InteractionOptions): InteractionHandler {
  const { handlers, runs, filters, ours, clock, log } = options;
  /** The server where commands are accepted; null: none yet. */
  const guild = () => ours().guild;
  const { answer, followUp } = createReplies(options);
  const claimNotes = new ClaimNotes(options);

  return async function handle(dispatch, inPlace) {
    const request = requests.get(glanceAt(dispatch).type) ?? null;
    const received: Received = { answerBy: clock.monotonic() + ANSWER_MS, request, inPlace: inPlace ?? null };
    const other = foreignApplication(dispatch, ours());
    if (other !== null) return await refuse(dispatch, other, received);
    const command = parseRunCommand(dispatch, guild());
    if (command !== null) {
      await answer(command.ref, { body: await runCommand(command) }, received);
      return command.kind === 'foreign' ? auditCommand(dispatch) : undefined;
    }
    const foreign = hasButton(dispatch) ? foreignReason(dispatch, ours()) : null;
    if (foreign !== null) return await refuse(dispatch, foreign, received);
    const button = parseAnswerButton(dispatch);
    if (button !== null) {
      await answer(button.ref, { body: await answerCommand(button.command) }, received);
      return;
    }
    const list = parseListRequest(dispatch, guild());
    if (list !== null) {
      await answer(list.ref, { body: await showList(list) }, received);
      return list.kind === 'foreign' ? auditCommand(dispatch) : undefined;
    }
    const interaction = parseInteraction(dispatch);
    switch (interaction.kind) {
      case 'unsupported':
        log.warn({ reason: interaction.reason }, 'an unsupported interaction was ignored');
        return audit(dispatch, 'unreadable');
      case 'stale':
        await answer(interaction.ref, { body: privateReply(OUT_OF_DATE) }, received);
        return audit(dispatch, 'unreadable');
      case 'press': {
        const reply = await replyTo(interaction, guild(), options);
        const answered = await answer(interaction.ref, reply, received);
        if (answered === 'sent' && reply.followUp !== undefined) await followUp(interaction.ref, reply.followUp);
        if (answered === 'sent' && reply.claimNote !== undefined)
          await claimNotes.post(interaction.press, interaction.ref, reply.claimNote);
        if (reply.isDone === true && !isNoteOf(interaction)) await claimNotes.remove(interaction.press);
        if (answered !== 'sent' && answered !== 'sent before' && opensForm(reply)) {
          await handlers.onFormNotShown(interaction.press);
          if (answered === 'refused') await answer(interaction.ref, { body: privateReply(FORM_NOT_OPENED) }, received);
        }
      }
    }
  };

  /** Nothing of it is handled. */
  async function refuse(dispatch: unknown, why: ForeignReason, received: Received): Promise<void> {
    log.warn({ reason: why }, 'an interaction that is not ours was refused');
    const ref = refIn(dispatch);
    const text = why === 'unverified' ? refusalText('unverified', null) : FOREIGN_CARD;
    if (ref !== null) await answer(ref, { body: privateReply(text) }, received);
    await audit(dispatch, why);
  }

  /** A command is served only in the server with the cards. */
  function auditCommand(dispatch: unknown): Promise<void> {
    return audit(dispatch, guild() === null ? 'unverified' : 'workspace');
  }

  async function audit(dispatch: unknown, why: ForeignReason): Promise<void> {
    const attempt = attemptIn(dispatch, why);
    if (attempt !== null) await handlers.onForeignPress(attempt);
  }

  async function runCommand(parsed: ParsedCommand | Extract<ParsedListRequest, { kind: 'absence' }>): Promise<Json> {
    if (parsed.kind === 'typing') {
      return suggestions(parsed.typed === null ? [] : choicesOf(matching(runs(), parsed.typed)));
    }
    if (parsed.kind === 'foreign') {
      log.warn({}, 'a command from another server was refused');
      return privateReply(FOREIGN_COMMAND);
    }
    return answerCommand(parsed.command);
  }

  async function answerCommand(command: Command): Promise<Json> {
    try {
      const { text, ...more } = await handlers.onCommand(command);
      return commandReply(text, more);
    } catch (thrown) {
      log.error({ command: command.id, err: coerceError(thrown) }, 'a command was not recorded');
      return privateReply(failedCommandText(thrown));
    }
  }

  async function showList(parsed: ParsedListRequest): Promise<Json> {
    switch (parsed.kind) {
      case 'typing':
        return suggestions(choicesOf(matching(['mine', 'all', ...filters], parsed.typed)));
      case 'foreign':
        return privateReply(FOREIGN_COMMAND);
      case 'bad_filter':
        return privateReply(badFilterText(parsed.typed));
      case 'absence':
        return runCommand(parsed);
      case 'command':
      case 'turn':
        break;
    }
    try {
      const list = await handlers.onList(parsed.request);
      return parsed.kind === 'command' ? listReply(list, guild()) : listUpdateReply(list, guild());
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'a list could not be loaded');
      return privateReply(NO_LIST);
    }
  }
}

/** `isDone`: the note of the person’s claim has no use any more. Never rejects. */
async function replyTo(
  { press, fromMessage, fromPrivate }: ParsedPress,
  guild: string | null,
  { handlers, log }: Pick<InteractionOptions, 'handlers' | 'log'>,
): Promise<InteractionReply & { isDone?: boolean }> {
  const written = press.form === null ? null : writtenIn(press.form);
  try {
    const page = press.buttonId.page?.at ?? 0;
    const answer = await handlers.onPress(press);
    const reply = renderAnswer(answer, { written, fromMessage, fromPrivate, page }, guild);
    return { ...reply, isDone: isDone(answer) };
  } catch (thrown) {
    const fields = { press: press.id, approval: press.buttonId.approvalId, err: coerceError(thrown) };
    log.error(fields, 'a press was not recorded');
    return { body: privateReply(failedPressText(thrown), written) };
  }
}

function isDone(answer: PressAnswer): boolean {
  return answer.type === 'accepted' || (answer.type === 'list' && answer.refused === null);
}

/** Its answer replaces the note. */
function isNoteOf({ press, fromPrivate }: ParsedPress): boolean {
  return fromPrivate && press.buttonId.action === 'hand_back';
}
