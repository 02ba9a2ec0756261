import { type Account, type Answer, failed, idInBody, idOnWire, timeOnWire } from './routes.ts';
import type { HookPulseStep, HookPulseWebhook } from './types.ts';

export const TEMPLATE = '/v1/api/single_workflow_template_detail';

/** The template of a workflow: that of its latest plan, with every step and the call that it makes. */
export function templateDetail(account: Account, body: unknown): Answer {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return failed(400, 'Invalid JSON body');
  const { workflow_uuid: uuid } = body as Record<string, unknown>;
  if (uuid === undefined || uuid === null || uuid === '') return failed(400, 'Missing required field: workflow_uuid');
  const id = idInBody(uuid, account);
  if (id === null) return failed(400, 'Invalid field value: workflow_uuid');
  const plan = account.plans.findLast(({ workflowUuid }) => workflowUuid === id);
  if (!plan) return failed(404, 'Workflow not found');
  const times = { timezone: account.timezone, inserted_at: timeOnWire(plan.insertedAt, account) };
  const data = {
    ...times,
    workflow_name: plan.workflowName,
    workflow_uuid: idOnWire(plan.workflowUuid, account),
    workflow_description: plan.workflowDescription,
    runtype: 'fifo_sequential',
    workflow_steps: plan.steps.map((step, index) => ({
      index,
      ...times,
      step_identifier: step.step_identifier,
      human_approval_required: step.human_approval_required ?? true,
      delay_to_next_step: step.delay_to_next_step ?? 0,
      webhook: webhookOf(step),
      step_uuid: `step-${index}`,
      execution_conditions: step.execution_conditions ?? [],
    })),
  };
  return { status: 200, body: { success: true, data }, effect: false };
}

function webhookOf({ step_identifier, webhook = {} }: HookPulseStep): object | null {
  if (webhook === null) return null;
  const usual: HookPulseWebhook = {
    webhook_name: step_identifier.replaceAll('_', ' '),
    method: 'POST',
    domain: { protocol: 'https', domain: 'hooks.example.com' },
    path: `/v1/${step_identifier}`,
    headers_json: {},
    query_params_json: {},
    request_body_json: {},
  };
  return { webhook_uuid: `webhook-${step_identifier}`, ...usual, ...webhook, expected_system_variables: [] };
}
