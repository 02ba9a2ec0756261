/** Tested in test/backends/hookpulse/index.test.ts and test/backends/hookpulse/client.test.ts. */
import { z } from 'zod';
import type { Approval } from '../../core/approval/approval.ts';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { sized } from '../../core/text/clip.ts';
import { numeric, spelled } from '../../core/text/exact/fields.ts';
import { isRecord, numberText } from '../../core/text/json.ts';
import type { OutlineOptions } from '../shared/json-outline.ts';
import { type Deviations, deviationsOf, isAddressable } from '../shared/large-json.ts';

export const BACKEND = 'hookpulse';
export const TITLE = 'HookPulse';

const text = z.string().catch('');

/** Only the names of the step must be valid; any other invalid field is shown as empty. */
const fieldsSchema = z.object({
  execution_plan_uuid: z.string().refine(sized(1)).optional(),
  /** The name in the reference's notes; its list has `execution_plan_uuid`. */
  execution_plan_id: z.string().refine(sized(1)).optional(),
  workflow_uuid: text,
  workflow_name: text,
  step_identifier: z.string().refine(sized(1)),
  workflow_index: numeric(z.number().int()),
  /** Seconds, counted from the approval. */
  delay_to_next_step: spelled(z.number()).nullable().catch(null),
  inserted_at: text,
});
const stepSchema = fieldsSchema.transform(({ execution_plan_uuid, execution_plan_id, ...rest }, context) => {
  const plan = execution_plan_uuid ?? execution_plan_id;
  if (plan !== undefined) return { plan, ...rest };
  context.addIssue({ code: 'custom', message: 'no execution plan' });
  return z.NEVER;
});
/** A step of a plan that needs an approval. */
export type WaitingStep = z.infer<typeof stepSchema> & { deviations: Deviations };

/** What is read of a step that is too large to be parsed. */
export const outline: OutlineOptions = { names: new Set(Object.keys(fieldsSchema.shape)) };

const metaSchema = z.object({ total_count: numeric(z.number().nullable().catch(null)), has_next: z.boolean() });

export interface Page {
  steps: WaitingStep[];
  unreadable: number;
  totalCount: number | null;
  /** Null where the answer does not say whether there is another page. */
  hasNext: boolean | null;
}

/** Null for what is not a page of HookPulse's list, and for `success: false`. */
export function readPage(body: unknown): Page | null {
  if (!isRecord(body) || body['success'] !== true) return null;
  const raw = body['data'];
  if (!Array.isArray(raw)) return null;
  const steps = raw.flatMap(readStep);
  const meta = metaSchema.safeParse(body['meta']).data;
  return {
    steps,
    unreadable: raw.length - steps.length,
    totalCount: meta?.total_count ?? null,
    hasNext: meta?.has_next ?? null,
  };
}

function readStep(raw: unknown): WaitingStep[] {
  const { data } = stepSchema.safeParse(raw);
  return data === undefined ? [] : [{ ...data, deviations: deviationsOf(raw) }];
}

const wireSchema = z.looseObject({ plan: z.string(), step: z.string(), index: z.number() });
export type Wire = z.infer<typeof wireSchema>;

/** @throws when the pause is not one of ours */
export function wireOf({ pause }: Approval): Wire {
  return wireSchema.parse(pause.wire);
}

export function isSameStep(waiting: WaitingStep, { plan, step, index }: Wire): boolean {
  return waiting.plan === plan && waiting.step_identifier === step && waiting.workflow_index === index;
}

export function pauseOf(waiting: WaitingStep): Pause {
  const { plan, workflow_name, step_identifier: step, workflow_index: index } = waiting;
  // The call names only the plan, and a plan may pause more than once: all three together identify a step.
  const key = `${plan}:${step}:${index}`;
  return {
    backend: BACKEND,
    key,
    kind: 'item',
    groupId: key,
    runId: plan,
    tool: step,
    description: null,
    asker: workflow_name || null,
    askerId: waiting.workflow_uuid || null,
    reason: null,
    parameters: {
      ...(workflow_name !== '' && { workflow: workflow_name }),
      step,
      position: index,
      ...(waiting.inserted_at !== '' && { created: waiting.inserted_at }),
      ...(waiting.delay_to_next_step !== null && { then_waits: `${numberText(waiting.delay_to_next_step)} s` }),
    },
    hidden: [],
    actions: isAddressable(waiting.deviations.unshowable, [key]) ? ['approve', 'reject'] : [],
    ...waiting.deviations,
    // `inserted_at` is when the plan was made, which may be long before this step began to wait.
    askedAt: null,
    deadline: null,
    wire: { plan, step, index } satisfies Wire,
  };
}
