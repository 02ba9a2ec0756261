/** What must not grow with the number of open items. */
import type { Case } from '../../contract.ts';
import { claim } from './claim.ts';
import { homeTabs } from './home-tabs.ts';
import { hookPulse } from './hookpulse.ts';
import { lists } from './lists.ts';
import { openStart } from './open-start.ts';
import { settled } from './settled.ts';
import { waitingStart } from './waiting-start.ts';

export const growth: readonly Case[] = [openStart, waitingStart, lists, homeTabs, claim, hookPulse, settled];
