import { useState } from 'react';
import { post } from '../lib/api.ts';
import type { DashboardItem } from '../lib/protocol.ts';

const backendNames: Record<DashboardItem['backend'], string> = { sonzai: 'Sonzai', hookpulse: 'HookPulse' };

const actionNames: Record<DashboardItem['actions'][number], string> = {
  approve: 'Approve',
  reject: 'Reject',
  take_over: 'Take over',
};

/** Decides at the backend directly, without the bot. */
export function Dashboards({ items }: { items: DashboardItem[] }) {
  return (
    <details open className="panel panel-dashboards" data-testid="dashboards">
      <summary>Backend dashboards</summary>
      <div className="panel-body">
        {items.length === 0 && <p className="panel-empty">No pending items at Sonzai or HookPulse.</p>}
        {items.map((item) => (
          <Item key={`${item.backend}-${item.id}-${item.detail}`} item={item} />
        ))}
      </div>
    </details>
  );
}

function Item({ item }: { item: DashboardItem }) {
  const { backend, id } = item;
  const [refused, setRefused] = useState<string | null>(null);
  const decide = async (action: string) => {
    const answer = await post('/dashboard', { backend, id, action });
    setRefused(answer.ok ? null : answer.error);
  };
  return (
    <div className="line" data-testid="dashboard-item" data-backend={backend} data-id={id}>
      <p className="line-head">
        <b>{item.title}</b>
      </p>
      <p className="item-detail">
        {backendNames[backend]}: {item.detail}
      </p>
      <p className="item-actions">
        {item.actions.map((action) => (
          <button key={action} type="button" data-action={action} onClick={() => void decide(action)}>
            {actionNames[action]}
          </button>
        ))}
      </p>
      {refused !== null && <p className="item-refused">{refused}</p>}
    </div>
  );
}
