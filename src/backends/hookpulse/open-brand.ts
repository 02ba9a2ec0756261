/** What is kept for each brand while the bot runs. Tested in test/backends/hookpulse/brands.test.ts. */
import type { Clock } from '../../core/ports/ports.ts';
import type { CallJson } from '../shared/json-client.ts';
import { createHookPulseClient, type HookPulseClient } from './client.ts';
import { RateBudget } from './rate-budget.ts';
import type { Brand } from './settings.ts';
import { Templates } from './templates.ts';
import type { ShownBrand } from './wire.ts';

/** Half for polling and templates, half for decisions and for other users of the key. */
const DEFAULT_BUDGET_SHARE = 0.5;
/** Of that half, for templates: polls never wait for them. */
const TEMPLATE_PART = 0.2;

export interface OpenBrand extends ShownBrand {
  client: HookPulseClient;
  /** A key is made for one brand, so its hourly limit is assumed to be its own. */
  budget: RateBudget;
  templates: Templates;
}

export function openBrand(
  brand: Brand,
  options: {
    /** Whether its cards say whose they are. */
    isShown: boolean;
    /** The share of the hourly requests that polling and templates may use, from 0 to 1; default one half. */
    budgetShare: number | undefined;
    callJson: CallJson;
    callTemplate: CallJson;
    clock: Clock;
  },
): OpenBrand {
  const { isShown, budgetShare = DEFAULT_BUDGET_SHARE, clock } = options;
  const budget = new RateBudget(budgetShare * (1 - TEMPLATE_PART));
  const client = createHookPulseClient({ ...options, brand, budget });
  const share = budgetShare * TEMPLATE_PART;
  const templates = new Templates({ read: client.readTemplate, share, budget, clock });
  return { ...brand, isShown, client, budget, templates };
}
