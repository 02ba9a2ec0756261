import type { PolledBackends } from '../examples.ts';
import type { DashboardItem, PolledBackend } from '../protocol.ts';

/** The pending items of the backends, as their dashboards would list them. */
export function dashboardItems({ sonzai, hookpulse }: PolledBackends): DashboardItem[] {
  const inbox = sonzai
    .items()
    .filter((item) => item.status === 'pending')
    .map((item): DashboardItem => {
      const { agent_name: agent, contact_name: contact, channel, type } = item;
      return {
        backend: 'sonzai',
        id: item.approval_id,
        title: item.context,
        detail: `${type}, ${agent} to ${contact}, ${channel}`,
        actions: ['approve', 'reject', 'take_over'],
      };
    });
  const plans = hookpulse
    .plans()
    .filter((plan) => plan.status === 'waiting_approval')
    .map(
      (plan): DashboardItem => ({
        backend: 'hookpulse',
        id: plan.executionPlanUuid,
        title: plan.workflowName,
        detail: `waiting at ${plan.stepIdentifier}, step ${plan.workflowIndex}`,
        actions: ['approve', 'reject'],
      }),
    );
  return [...inbox, ...plans];
}

/** @throws Error if the item is no longer pending or the backend does not support the action */
export function decideInDashboard(
  { sonzai, hookpulse }: PolledBackends,
  backend: PolledBackend,
  id: string,
  action: DashboardItem['actions'][number],
): void {
  if (backend === 'sonzai') sonzai.decideInDashboard(id, action);
  else if (action !== 'take_over') hookpulse.decideInDashboard(id, action);
  else throw new Error('HookPulse supports only approve and reject.');
}
