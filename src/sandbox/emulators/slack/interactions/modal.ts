import type { Journal } from '../../shared/journal.ts';
import { isObject } from '../checks/block-kit/rules.ts';
import { commonPayload } from '../delivery/payload.ts';
import type { Deliverer, Json, SlackEntry, SlackPressResult } from '../types.ts';
import { acceptView } from '../web-api/methods/views.ts';
import { Refusal } from '../web-api/refusal.ts';
import { type OpenView, viewJson } from '../workspace/views.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { checkFilled, stateValues, type Typed } from './view-values.ts';

interface Deps {
  slack: Workspace;
  deliverer: Deliverer;
  journal: Journal<SlackEntry>;
}

/** @throws Error unless this person sees this view now */
function viewInFront(slack: Workspace, userId: string, viewId: string): OpenView {
  const open = slack.views.find(viewId);
  if (!open || open.userId !== userId) throw new Error(`No view ${viewId} is open for ${userId}.`);
  if (slack.views.top(open).id !== viewId) throw new Error(`Another view covers ${viewId}.`);
  return open;
}

function viewPayload(slack: Workspace, type: string, open: OpenView, typed: Typed): Json {
  return {
    ...commonPayload(slack, type, slack.people.get(open.userId)),
    view: viewJson(open, stateValues(open.blocks, typed)),
  };
}

/**
 * Submits a modal as Slack's client does: checks the fields, sends `view_submission`, and applies the
 * acknowledgement.
 * @throws Error if Slack's client would not submit this
 */
export async function submitView(deps: Deps, userId: string, viewId: string, typed: Typed): Promise<SlackPressResult> {
  const { slack, deliverer } = deps;
  const open = viewInFront(slack, userId, viewId);
  if (open.view['submit'] === undefined) throw new Error(`The view ${viewId} has no submit button.`);
  checkFilled(open.blocks, typed);
  slack.views.showErrors(viewId, {});
  const payload = {
    ...viewPayload(slack, 'view_submission', open, typed),
    trigger_id: slack.triggers.issue(userId, viewId),
    response_urls: [],
  };
  const result = await deliverer.deliver('interactive', payload);
  if (result.acked) obey(deps, viewId, result.response ?? {});
  return result;
}

/** Closes a modal and the views above it; sends `view_closed` if the view has `notify_on_close`. */
export function closeView({ slack, deliverer }: Deps, userId: string, viewId: string): void {
  const open = viewInFront(slack, userId, viewId);
  const all = open.view['clear_on_close'] === true;
  slack.views.close(open, all);
  if (open.view['notify_on_close'] !== true) return;
  void deliverer.deliver('interactive', { ...viewPayload(slack, 'view_closed', open, {}), is_cleared: all });
}

/**
 * Presses a button in a modal; the payload has a new trigger, and the app may update the view.
 * @throws Error when there is no such button
 */
export function pressInView(
  { slack, deliverer }: Deps,
  userId: string,
  viewId: string,
  actionId: string,
): Promise<SlackPressResult> {
  const open = viewInFront(slack, userId, viewId);
  const found = open.blocks
    .flatMap((block) =>
      (Array.isArray(block['elements']) ? block['elements'] : [block['accessory']]).map((element) => ({
        block,
        element,
      })),
    )
    .find(({ element }) => isObject(element) && element['action_id'] === actionId);
  if (found === undefined || !isObject(found.element))
    throw new Error(`The view ${viewId} has no button "${actionId}".`);
  const { value, text } = found.element;
  return deliverer.deliver('interactive', {
    ...viewPayload(slack, 'block_actions', open, {}),
    container: { type: 'view', view_id: viewId },
    trigger_id: slack.triggers.issue(userId, viewId),
    actions: [
      {
        type: 'button',
        action_id: actionId,
        block_id: found.block['block_id'],
        text,
        ...(value === undefined ? {} : { value }),
        action_ts: slack.clock.nextTs(),
      },
    ],
  });
}

/** Applies the response to a submission; a response that Slack would refuse leaves the form open. */
function obey({ slack, journal }: Deps, viewId: string, answer: Json): void {
  const open = slack.views.find(viewId);
  if (!open) return;
  try {
    const action = answer['response_action'];
    if (action === undefined) slack.views.close(open);
    else if (action === 'clear') slack.views.close(open, true);
    else if (action === 'errors') slack.views.showErrors(viewId, errorsOf(open, answer['errors']));
    else if (action === 'update') slack.views.update(open, acceptView(viewOf(answer), 'modal'));
    else if (action === 'push') slack.views.push(open, acceptView(viewOf(answer), 'modal'));
    else throw new Refusal(`unknown response_action "${String(action)}"`);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    const reason = [thrown.error, JSON.stringify(thrown.detail['errors'] ?? '')].join(' ');
    journal.record({ kind: 'refused', at: Date.now(), what: 'view_submission answer', reason });
  }
}

function viewOf(answer: Json): Json | undefined {
  return isObject(answer['view']) ? answer['view'] : undefined;
}

/** Errors by block id. @throws Refusal if one names an unknown input block or is not a text */
function errorsOf(open: OpenView, errors: unknown): Record<string, string> {
  if (!isObject(errors) || Object.keys(errors).length === 0) throw new Refusal('errors must be an object by block_id');
  const inputs = open.blocks.filter((block) => block['type'] === 'input').map((block) => String(block['block_id']));
  return Object.fromEntries(
    Object.entries(errors).map(([blockId, text]) => {
      if (!inputs.includes(blockId)) throw new Refusal(`errors name the unknown input block "${blockId}"`);
      if (typeof text !== 'string' || text === '') throw new Refusal(`the error for "${blockId}" is not a text`);
      return [blockId, text];
    }),
  );
}
