/** Tested in test/backends/hookpulse/index.test.ts and test/backends/hookpulse/client.test.ts. */
import { z } from 'zod';
import type { Pause } from '../../core/approval/pause/pause.ts';
import { idText, numeric, spelled } from '../../core/text/exact/fields.ts';
import { isRecord, numberText } from '../../core/text/json.ts';
import { parseTime } from '../../core/text/time/parse.ts';
import type { OutlineOptions } from '../shared/json-outline.ts';
import { type Deviations, deviationsOf, isAddressable } from '../shared/large-json.ts';
import type { Brand } from './settings.ts';
import { describeCall, type StepCall } from './template.ts';
import type { TemplateState } from './templates.ts';

export const BACKEND = 'hookpulse';
export const TITLE = 'HookPulse';

const text = z.string().catch('');

/** Only the names of the step must be valid; any other invalid field is shown as empty. */
const fieldsSchema = z.object({
  execution_plan_uuid: idText.optional().catch(undefined),
  /** The name in the reference's notes; its list has `execution_plan_uuid`. */
  execution_plan_id: idText.optional().catch(undefined),
  workflow_uuid: idText.catch(''),
  workflow_name: text,
  step_identifier: idText,
  workflow_index: numeric(z.number().int()),
  /** The list is documented to contain steps that wait only. */
  status: z.string().catch('waiting_approval'),
  human_approval_required: z.unknown().optional(),
  /** Seconds, counted from the approval. */
  delay_to_next_step: spelled(z.number()).nullable().catch(null),
  inserted_at: text,
});
const stepSchema = fieldsSchema.transform((fields, context) => {
  const { execution_plan_uuid, execution_plan_id, status, human_approval_required, ...rest } = fields;
  const plan = execution_plan_uuid ?? execution_plan_id;
  const waits = status.trim().toLowerCase() === 'waiting_approval' && human_approval_required !== false;
  if (plan !== undefined) return { plan, waits, ...rest };
  context.addIssue({ code: 'custom', message: 'no execution plan' });
  return z.NEVER;
});
/** A step of a plan that needs an approval. */
export type WaitingStep = Omit<z.infer<typeof stepSchema>, 'waits'> & {
  deviations: Deviations;
  /** The IDs as they came: calls send them so. */
  sent: { plan: unknown; workflow: unknown };
};

/** What is read of a step that is too large to be parsed. */
export const outline: OutlineOptions = { names: new Set(Object.keys(fieldsSchema.shape)) };

const metaSchema = z.object({ total_count: numeric(z.number().nullable().catch(null)), has_next: z.boolean() });

export interface Page {
  steps: WaitingStep[];
  /** How many listed steps do not wait for an approval: they get no card. */
  idle: number;
  /** Items without a plan or a step, as they came. */
  unreadable: unknown[];
  totalCount: number | null;
  /** Null where the answer does not say whether there is another page. */
  hasNext: boolean | null;
}

/** Null for what is not a page of HookPulse's list, and for `success: false`. */
export function readPage(body: unknown): Page | null {
  if (!isRecord(body) || body['success'] !== true) return null;
  const raw = body['data'];
  if (!Array.isArray(raw)) return null;
  const page: Pick<Page, 'steps' | 'idle' | 'unreadable'> = { steps: [], idle: 0, unreadable: [] };
  for (const one of raw) {
    const { data } = stepSchema.safeParse(one);
    if (data === undefined) page.unreadable.push(one);
    else if (data.waits) page.steps.push(stepOf(data, one));
    else page.idle += 1;
  }
  const meta = metaSchema.safeParse(body['meta']).data;
  return { ...page, totalCount: meta?.total_count ?? null, hasNext: meta?.has_next ?? null };
}

function stepOf({ waits: _, ...step }: z.infer<typeof stepSchema>, raw: unknown): WaitingStep {
  const fields = isRecord(raw) ? raw : {};
  const sentPlan = [fields['execution_plan_uuid'], fields['execution_plan_id']].find(
    (id) => idText.safeParse(id).success,
  );
  return { ...step, deviations: deviationsOf(raw), sent: { plan: sentPlan, workflow: fields['workflow_uuid'] } };
}

const unreadableSchema = fieldsSchema
  .pick({ execution_plan_uuid: true, execution_plan_id: true, workflow_name: true })
  .extend({ step_identifier: idText.catch('') });

/** What can be read of an item without a plan or a step: its run, and what people may know it by. */
export function unreadableFields(raw: unknown): { runId: string | null; name: string | null } {
  const { data } = unreadableSchema.safeParse(raw);
  if (data === undefined) return { runId: null, name: null };
  const name = [data.workflow_name, data.step_identifier].filter((part) => part.trim() !== '').join(' · ');
  return { runId: data.execution_plan_uuid ?? data.execution_plan_id ?? null, name: name === '' ? null : name };
}

const wireSchema = z.looseObject({
  plan: z.string(),
  step: z.string(),
  index: z.number(),
  /** Null in rows of versions that knew one brand only. */
  brand: z.string().nullable().default(null),
});
export type Wire = z.infer<typeof wireSchema>;

/** @throws when the pause is not one of ours */
export function wireOf({ wire }: Pick<Pause, 'wire'>): Wire {
  return wireSchema.parse(wire);
}

/** The brand of a pause of ours; null where it is not known. */
export function brandOf({ wire }: Pick<Pause, 'wire'>): string | null {
  return wireSchema.safeParse(wire).data?.brand ?? null;
}

export function isSameStep(waiting: WaitingStep, { plan, step, index }: Wire): boolean {
  return waiting.plan === plan && waiting.step_identifier === step && waiting.workflow_index === index;
}

/** `isShown`: its cards say whose they are. */
export type ShownBrand = Brand & { isShown: boolean };

export function pauseOf(waiting: WaitingStep, brand: ShownBrand, template: TemplateState): Pause {
  const { plan, workflow_name, step_identifier: step, workflow_index: index } = waiting;
  // The call names only the plan, and a plan may pause more than once: all three together identify a step.
  const key = `${plan}:${step}:${index}`;
  const brandName = brand.name ?? brand.uuid;
  const call = stepCall(waiting, brand, template);
  const deviations = mergedDeviations(waiting.deviations, call.deviations);
  return {
    backend: BACKEND,
    key,
    kind: 'item',
    groupId: key,
    runId: plan,
    tool: step,
    description: call.description?.trim() || null,
    asker: workflow_name || null,
    askerId: waiting.workflow_uuid || null,
    ...(brand.isShown && { labels: [brandName] }),
    reason: null,
    parameters: {
      ...(workflow_name !== '' && { workflow: workflow_name }),
      ...(brand.isShown && { brand: brandName }),
      step,
      ...call.parameters,
      position: index,
      ...(waiting.inserted_at !== '' && { created: withZone(waiting.inserted_at) }),
      ...(waiting.delay_to_next_step !== null && { then_waits: `${numberText(waiting.delay_to_next_step)} s` }),
    },
    hidden: call.hidden,
    ...(call.cautions.length > 0 && { cautions: call.cautions }),
    ...(call.isUnknown === true && { unknownCall: true }),
    actions: isAddressable(deviations.unshowable, [key]) ? ['approve', 'reject'] : [],
    ...deviations,
    // `inserted_at` is when the plan was made, which may be long before this step began to wait.
    askedAt: null,
    deadline: null,
    address: { brand: brand.uuid },
    wire: { plan, step, index, brand: brand.uuid } satisfies Wire,
  };
}

function stepCall(waiting: WaitingStep, brand: Brand, state: TemplateState): StepCall {
  const { step_identifier: step, workflow_index: index, workflow_uuid: workflow } = waiting;
  if (state.type === 'read') {
    const call = describeCall(state.template, step, index, brand.apiKey);
    return (
      call ?? unknownCall('not shown: the template of its workflow does not describe it', state.template.description)
    );
  }
  if (workflow === '') return unknownCall(`not shown: ${TITLE} does not name its workflow`);
  if (state.type === 'refused') {
    return unknownCall(`not shown: ${TITLE} answered ${state.status} instead of the template of its workflow`);
  }
  return unknownCall('not shown yet: the template of its workflow could not be read');
}

function unknownCall(why: string, description: string | null = null): StepCall {
  const cautions = [`What this step does is ${why}. Look it up in ${TITLE} before you approve it`];
  return { description, parameters: {}, hidden: [], cautions, deviations: {}, isUnknown: true };
}

function mergedDeviations(item: Deviations, call: Deviations): Deviations {
  const repeated = [...new Set([...(item.repeated ?? []), ...(call.repeated ?? [])])];
  const unshowable = item.unshowable ?? call.unshowable;
  return { ...(repeated.length > 0 && { repeated }), ...(unshowable !== undefined && { unshowable }) };
}

/** A time without a zone is UTC. */
function withZone(time: string): string {
  const hasZone = /(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)$/i.test(time.trim().replace(/^\d{4}-\d\d-\d\d/, ''));
  return hasZone || parseTime(time) === null ? time : `${time} UTC`;
}
