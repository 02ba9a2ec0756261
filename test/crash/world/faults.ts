/** What breaks outside the bot, by name, so that a script can choose it and the report can count it. */
import type { World } from './world.ts';

const reset = (when: 'before' | 'after') => ({ kind: 'reset', when }) as const;
const status = (code: number, when: 'before' | 'after') => ({ kind: 'status', status: code, when }) as const;

const refused = (code: number) => ({ kind: 'status', status: 400, when: 'before', code }) as const;

/** Named by the emulator as the request names them. */
const names = { executionId: '{executionId}', approvalId: '{approvalId}' };
const complete = { type: 'approval_complete', ...names, seq: 0, resolvedBy: 'system' };
const resolved = {
  ...{ type: 'execution_error', kind: 'agent', seq: 0, ...names },
  error: { code: 'APPROVAL_ALREADY_RESOLVED', message: 'Approval already resolved' },
};
/** Status 200, and then an event that says that the decision did not count. */
const answer = (event: object) => ({ kind: 'answer', parts: [`data: ${JSON.stringify(event)}\n\n`] }) as const;

const DISCORD_POST = 'POST /channels/:id/messages';
const DISCORD_EDIT = 'PATCH /channels/:id/messages/:message';
const DISCORD_ANSWER = 'POST /interactions/:id/:token/callback';
const APPROVE = '/v1/dispatch/approve';
const RESUME = '/v1/dispatch/resume';
const RESOLVE = '/api/v1/approvals/:id/resolve';
const SONZAI_LIST = 'GET /api/v1/approvals';
const HOOKPULSE_LIST = '/v1/api/get_all_pending_approvals_paginated/';
const HOOKPULSE_ACTION = '/v1/api/human_approval_action/';

const catalogue = {
  'slack post: answer lost': ({ slack }) => slack.fail('chat.postMessage', reset('after')),
  'slack post: 503 after effect': ({ slack }) => slack.fail('chat.postMessage', status(503, 'after')),
  'slack post: not arrived': ({ slack }) => slack.fail('chat.postMessage', reset('before')),
  'slack post: 500': ({ slack }) => slack.fail('chat.postMessage', status(500, 'before')),
  'slack post: 429': ({ slack }) => slack.fail('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 1 }),
  'slack post: slow': ({ slack }) => slack.fail('chat.postMessage', { kind: 'delay', ms: 300 }),
  'slack post: content refused': ({ slack }) =>
    slack.fail('chat.postMessage', { kind: 'error', error: 'invalid_blocks' }),
  'slack update: content refused': ({ slack }) => slack.fail('chat.update', { kind: 'error', error: 'msg_too_long' }),
  'slack update: answer lost': ({ slack }) => slack.fail('chat.update', reset('after')),
  'slack update: not arrived': ({ slack }) => slack.fail('chat.update', reset('before')),
  'slack update: 429': ({ slack }) => slack.fail('chat.update', { kind: 'rate_limited', retryAfterSeconds: 1 }),
  'slack word: 500': ({ slack }) => slack.fail('chat.postEphemeral', status(500, 'before')),
  'slack form: not arrived': ({ slack }) => slack.fail('views.open', reset('before')),
  'slack sockets: refresh': ({ slack }) => slack.refreshSockets(),
  'slack sockets: cut': ({ slack }) => slack.dropSockets(),
  'discord post: answer lost': ({ discord }) => discord.fail(DISCORD_POST, reset('after')),
  'discord post: 503 after effect': ({ discord }) => discord.fail(DISCORD_POST, status(503, 'after')),
  'discord post: not arrived': ({ discord }) => discord.fail(DISCORD_POST, reset('before')),
  'discord post: 429': ({ discord }) => discord.fail(DISCORD_POST, { kind: 'rate_limited', retryAfterMs: 700 }),
  'discord post: content refused': ({ discord }) => discord.fail(DISCORD_POST, refused(50_035)),
  'discord post: moderated': ({ discord }) => discord.fail(DISCORD_POST, refused(200_000)),
  'discord update: content refused': ({ discord }) => discord.fail(DISCORD_EDIT, refused(240_000)),
  'discord update: answer lost': ({ discord }) => discord.fail(DISCORD_EDIT, reset('after')),
  'discord update: 500': ({ discord }) => discord.fail(DISCORD_EDIT, status(500, 'before')),
  'discord answer: lost': ({ discord }) => discord.fail(DISCORD_ANSWER, reset('after')),
  'discord answer: not arrived': ({ discord }) => discord.fail(DISCORD_ANSWER, reset('before')),
  'discord gateway: reconnect': ({ discord }) => discord.requestReconnect(),
  'discord gateway: cut': ({ discord }) => discord.dropSockets(),
  'discord gateway: 4000': ({ discord }) => discord.dropSockets(4000),
  'discord gateway: session gone': ({ discord }) => discord.invalidateSessions(false),
  'runtype approve: answer lost': ({ runtype }) => runtype.fail(APPROVE, reset('after')),
  'runtype approve: 502 after effect': ({ runtype }) => runtype.fail(APPROVE, status(502, 'after')),
  'runtype approve: not arrived': ({ runtype }) => runtype.fail(APPROVE, reset('before')),
  'runtype approve: 500': ({ runtype }) => runtype.fail(APPROVE, status(500, 'before')),
  'runtype approve: 429': ({ runtype }) => runtype.fail(APPROVE, status(429, 'before')),
  'runtype approve: too late inside 200': ({ runtype }) =>
    runtype.fail(APPROVE, answer({ ...complete, decision: 'timeout' })),
  'runtype approve: refused inside 200': ({ runtype }) => runtype.fail(APPROVE, answer(resolved)),
  'runtype approve: stream cut': ({ runtype }) => runtype.fail(APPROVE, { kind: 'cut', afterBytes: 300 }),
  'runtype resume: answer lost': ({ runtype }) => runtype.fail(RESUME, reset('after')),
  'runtype resume: not arrived': ({ runtype }) => runtype.fail(RESUME, reset('before')),
  'runtype resume: 503': ({ runtype }) => runtype.fail(RESUME, status(503, 'before')),
  'runtype resume: 429': ({ runtype }) => runtype.fail(RESUME, status(429, 'before')),
  'sonzai resolve: answer lost': ({ sonzai }) => sonzai.fail(RESOLVE, reset('after')),
  'sonzai resolve: 500': ({ sonzai }) => sonzai.fail(RESOLVE, status(500, 'before')),
  'sonzai resolve: 502 after effect': ({ sonzai }) => sonzai.fail(RESOLVE, { kind: 'bad_gateway', when: 'after' }),
  'sonzai resolve: 429': ({ sonzai }) => sonzai.fail(RESOLVE, status(429, 'before')),
  'sonzai list: 500': ({ sonzai }) => sonzai.fail(SONZAI_LIST, status(500, 'before'), 2),
  'hookpulse action: answer lost': ({ hookpulse }) => hookpulse.fail(HOOKPULSE_ACTION, reset('after')),
  'hookpulse action: 500': ({ hookpulse }) => hookpulse.fail(HOOKPULSE_ACTION, status(500, 'before')),
  'hookpulse list: reset': ({ hookpulse }) => hookpulse.fail(HOOKPULSE_LIST, reset('before'), 2),
  'callback: answer lost': ({ receiver }) => receiver.fail(reset('after')),
  'callback: 500': ({ receiver }) => receiver.fail(status(500, 'before')),
  'callback: 503 after effect': ({ receiver }) => receiver.fail(status(503, 'after')),
} as const satisfies Record<string, (world: World) => void>;

export type FaultName = keyof typeof catalogue;
export const faultNames = Object.keys(catalogue) as FaultName[];

/** A card in its smallest form has no marker: in a round only one platform refuses content, so that the other shows it. */
export function withoutSecondRefusal(names: readonly FaultName[]): FaultName[] {
  const refusals = names.filter((name) => /content refused|moderated/.test(name));
  const platform = refusals[0]?.split(' ')[0] ?? '';
  return names.filter((name) => !refusals.includes(name) || name.startsWith(`${platform} `));
}

const TOO_LATE = 'runtype approve: too late inside 200';
/** The decision counts, and its answer does not arrive, so that it is sent again. */
const unheard: ReadonlySet<string> = new Set([
  'runtype approve: answer lost',
  'runtype approve: 502 after effect',
  'runtype approve: stream cut',
]);

/** Runtype does not say of a decision that counts that it came too late: no card could know better. */
export function withoutFalseTooLate(names: readonly FaultName[]): FaultName[] {
  return names.some((name) => unheard.has(name)) ? names.filter((name) => name !== TOO_LATE) : [...names];
}

export function breakIt(world: World, name: FaultName): void {
  world.faults.set(name, (world.faults.get(name) ?? 0) + 1);
  world.note(`fault ordered: ${name}`);
  catalogue[name](world);
}

/** From here on everything outside works. */
export function healAll({ slack, discord, runtype, sonzai, hookpulse, receiver, bot, note }: World): void {
  for (const emulator of [slack, discord, runtype, sonzai, hookpulse, receiver]) emulator.heal();
  bot.heal();
  note('faults off');
}
