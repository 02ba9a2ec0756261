import type { AddressInfo } from 'node:net';
import { Faults } from '../shared/http-faults.ts';
import { Journal } from '../shared/journal.ts';
import { Inbox } from './inbox.ts';
import { createSonzaiServer } from './server.ts';
import { DEFAULT_TENANT, Tokens } from './tokens.ts';
import type { SonzaiEmulator, SonzaiEntry, SonzaiItem, SonzaiOptions } from './types.ts';

/** `resolved_by` of decisions made in the dashboard. */
const DASHBOARD_USER = 'user_dashboard';

/**
 * A Sonzai on 127.0.0.1: the approvals inbox of its API, with its web framework's errors and links.
 * @throws Error if the port is taken.
 */
export async function createSonzaiEmulator(options: SonzaiOptions = {}): Promise<SonzaiEmulator> {
  const now = options.now ?? Date.now;
  const journal = new Journal<SonzaiEntry>();
  const faults = new Faults();
  const closing = new AbortController();
  const tokens = new Tokens(now, options.tokenLifeMs);
  const inbox = new Inbox(
    now,
    (change) => {
      journal.record({ kind: 'change', at: now(), ...change });
    },
    options,
  );
  const server = createSonzaiServer({
    context: { inbox, emptyAsNull: options.emptyAsNull ?? false, countOf: options.countOf ?? 'type' },
    tokens,
    faults,
    journal,
    unauthorizedBody: options.unauthorizedBody ?? 'problem',
    now,
    signal: closing.signal,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  function pending(approvalId: string): SonzaiItem {
    const item = inbox.find(approvalId);
    if (item?.status !== 'pending') throw new Error(`No approval ${approvalId} is pending.`);
    return item;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    token: tokens.fixed,
    journal,
    issueToken: (issueOptions) => tokens.issue(issueOptions),
    revokeToken: (token) => tokens.revoke(token),
    items: () => inbox.items,
    seed: (item = {}, { tenant = DEFAULT_TENANT } = {}) => inbox.add(tenant, item, 'seed'),
    rewrite: (approvalId, changes) => inbox.change(pending(approvalId), changes),
    listAs: (approvalId, fields) => inbox.listAs(approvalId, fields),
    decideInDashboard: (approvalId, action) => inbox.decide(pending(approvalId), action, DASHBOARD_USER, 'dashboard'),
    fail: (path, fault, times = 1) => faults.plan(path, fault, times),
    heal: () => faults.clear(),
    onChange: (listener) => journal.onEntry(listener),
    async close() {
      closing.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
