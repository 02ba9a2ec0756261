/** Announced pauses, and a Runtype that answers decisions with the answers of a test. */
import type { RequestListener } from 'node:http';
import type { RuntypeOptions } from '../../../../src/backends/runtype/index.ts';
import type { Pause } from '../../../../src/core/approval/pause/pause.ts';
import { type Bench, type Listening, withBackend, withServer } from './backend.ts';

const common = {
  backend: 'runtype',
  runId: 'exec_1',
  description: null,
  asker: 'Order desk',
  reason: null,
  parameters: {},
  hidden: [],
  actions: ['approve', 'reject', 'take_over'],
  deadline: null,
} satisfies Partial<Pause>;
const wire = { executionId: 'exec_1', runName: 'Order desk', clientTools: [] };

export function approval(more: Partial<Pause> = {}): Pause {
  return {
    ...common,
    key: 'approval:appr_1',
    groupId: 'approval:appr_1',
    kind: 'approval',
    tool: 'refund_order',
    wire: { ...wire, kind: 'approval', approvalId: 'appr_1', toolCallId: 't1', toolName: 'refund_order' },
    ...more,
  };
}

export function awaiting(toolCallId: string | null, toolName = 'pick_slot'): Pause {
  const key = `await:exec_1:${toolCallId ?? toolName}`;
  return {
    ...common,
    key,
    groupId: 'g',
    kind: 'await',
    tool: toolName,
    wire: { ...wire, kind: 'await', toolCallId, toolName },
  };
}

export const never = new AbortController().signal;

/** The backend, with a Runtype that gives these answers. */
export function withAnswers<T>(
  answer: RequestListener,
  more: Partial<RuntypeOptions>,
  use: (bench: Bench & Listening) => Promise<T>,
): Promise<T> {
  return withServer(answer, (listening) =>
    withBackend(listening.url, more, (bench) => use({ ...bench, ...listening })),
  );
}
