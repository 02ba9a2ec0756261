/** What the bot adds to an open card: what follows each decision, and who may decide. Tested in test/browser/gallery.test.ts. */
import { consequencesOf as ofHookPulse } from '../../backends/hookpulse/consequences.ts';
import { consequencesOf as ofInbox } from '../../backends/inbox/consequences.ts';
import { consequencesOf as ofRuntype } from '../../backends/runtype/decide/consequences.ts';
import type { Wire } from '../../backends/runtype/pause/pause.ts';
import { consequencesOf as ofSonzai } from '../../backends/sonzai/consequences.ts';
import type { Approval } from '../../core/approval/approval.ts';
import type { CardContext, Consequences, Deciders } from '../../core/view/card.ts';
import { dana, sam } from './build-state.ts';

const reviewers: Deciders['all'] = [
  { kind: 'user', ...dana },
  { kind: 'user', ...sam },
];

export function galleryContext(approval: Approval, backend: string, platform: string): CardContext {
  if (approval.phase !== 'open') return { backend };
  const deciders: Deciders = { all: reviewers, platform, setting: 'REVIEWERS' };
  return { backend, consequences: consequencesOf(approval), deciders };
}

function consequencesOf(approval: Approval): Consequences {
  switch (approval.pause.backend) {
    case 'sonzai':
      return ofSonzai(approval);
    case 'hookpulse':
      return ofHookPulse();
    case 'inbox':
      return ofInbox(approval);
    default:
      return ofRuntype({ ...approval, pause: { ...approval.pause, wire: wireOf(approval) } }, false);
  }
}

/** The wire of this kind of pause, as far as a card is drawn from it. */
function wireOf({ pause: { kind, key, tool, prompt } }: Approval): Wire {
  const common = { executionId: key, toolName: tool, runName: null, clientTools: [], opener: null, toolCallId: key };
  if (kind !== 'await') return { ...common, kind: 'approval', approvalId: key };
  if (prompt === undefined) return { ...common, kind: 'await' };
  return { ...common, kind: 'await', asks: { type: 'elicitation', parts: [{ name: null, form: true }] } };
}
