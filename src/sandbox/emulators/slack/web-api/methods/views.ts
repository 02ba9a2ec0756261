import { checkView } from '../../checks/view.ts';
import type { Json } from '../../types.ts';
import { type OpenView, viewJson } from '../../workspace/views.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { objectArg, textArg } from '../args.ts';
import { LIMITS } from '../limits.ts';
import { Refusal, refuseWith } from '../refusal.ts';
import type { Method } from './method.ts';

/**
 * Checks a view of a call, or of a submission's response, against Slack's rules.
 * @throws Refusal `invalid_arguments`, `view_too_large`.
 */
export function acceptView(view: Json | undefined, type: 'modal' | 'home'): Json {
  if (view === undefined) throw refuseWith('invalid_arguments', ['[ERROR] missing required field: view']);
  const messages = checkView(view, type);
  if (messages.length > 0) throw refuseWith('invalid_arguments', messages);
  if (Buffer.byteLength(JSON.stringify(view)) > LIMITS.view) throw new Refusal('view_too_large');
  return view;
}

function viewArg(args: Json, type: 'modal' | 'home' = 'modal'): Json {
  return acceptView(objectArg(args, 'view', 'invalid_arguments'), type);
}

function refuseKnownExternalId(slack: Workspace, view: Json): void {
  const id = view['external_id'];
  if (typeof id === 'string' && id !== '' && slack.views.findExternal(id)) throw new Refusal('duplicate_external_id');
}

function viewNamed(slack: Workspace, args: Json): OpenView {
  const id = textArg(args, 'view_id');
  const externalId = textArg(args, 'external_id');
  if (id !== '' && externalId !== '') {
    throw refuseWith('invalid_arguments', ['[ERROR] Cannot provide both `view_id` and `external_id`']);
  }
  const open = externalId === '' ? slack.views.find(id) : slack.views.findExternal(externalId);
  if (!open) throw new Refusal('not_found');
  return open;
}

export const open: Method = (args, slack) => {
  const view = viewArg(args);
  refuseKnownExternalId(slack, view);
  const { userId } = slack.triggers.redeem(textArg(args, 'trigger_id'));
  return { view: viewJson(slack.views.open(userId, view)) };
};

export const push: Method = (args, slack) => {
  const view = viewArg(args);
  refuseKnownExternalId(slack, view);
  const { viewId } = slack.triggers.redeem(textArg(args, 'trigger_id'));
  const below = viewId === null ? undefined : slack.views.find(viewId);
  if (!below) throw new Refusal('not_found');
  return { view: viewJson(slack.views.push(slack.views.top(below), view)) };
};

export const update: Method = (args, slack) => {
  const view = viewArg(args);
  const open = viewNamed(slack, args);
  const hash = textArg(args, 'hash');
  if (hash !== '' && hash !== open.hash) throw new Refusal('hash_conflict');
  return { view: viewJson(slack.views.update(open, view)) };
};

/** Replaces the person's home tab. */
export const publish: Method = (args, slack) => {
  const userId = textArg(args, 'user_id');
  if (!slack.people.find(userId)) throw new Refusal('user_not_found');
  const view = viewArg(args, 'home');
  const hash = textArg(args, 'hash');
  const before = slack.homes.of(userId);
  if (hash !== '' && before !== undefined && hash !== before.hash) throw new Refusal('hash_conflict');
  return { view: viewJson(slack.homes.publish(userId, view)) };
};
