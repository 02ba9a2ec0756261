/** What the bot adds to an open card: what follows each decision, and who may decide. Tested in test/browser/gallery.test.ts. */
import { consequencesOf as ofHookPulse } from '../../backends/hookpulse/consequences.ts';
import { consequencesOf as ofInbox } from '../../backends/inbox/consequences.ts';
import { consequencesOf as ofRuntype } from '../../backends/runtype/decide/consequences.ts';
import type { Wire } from '../../backends/runtype/pause/pause.ts';
import { consequencesOf as ofSonzai } from '../../backends/sonzai/consequences.ts';
import type { Approval } from '../../core/approval/approval.ts';
import type { Reviewer } from '../../core/policy/reviewers.ts';
import type { CardContext, Consequences, Deciders } from '../../core/view/card.ts';
import { ana, dana, type GalleryState, jon, lea, mara, sam } from './build-state.ts';

const people = [dana, sam, mara, jon, ana, lea];

/** As the bot draws it: what is not open has nothing of it but a stop and a standing answer. */
export function galleryContext(
  { approval, backend, policy, stop, grant }: Pick<GalleryState, 'approval' | 'backend' | 'policy' | 'stop' | 'grant'>,
  platform: string,
): CardContext {
  const context = { backend, ...(stop && { stop }), ...(grant && { grant }) };
  if (approval.phase !== 'open') return context;
  return { ...context, consequences: consequencesOf(approval), deciders: decidersOf(approval, policy, platform) };
}

function decidersOf(approval: Approval, policy: GalleryState['policy'], platform: string): Deciders {
  const reviewers = [dana, sam].map((one) => ({ kind: 'user' as const, ...one }));
  if (policy === undefined) return { all: reviewers, platform, setting: 'REVIEWERS' };
  const { all, next, setting, notes = [] } = policy.deciders(approval);
  const named = (some: readonly Reviewer[]) =>
    some.map((one) => ({ ...one, name: people.find(({ id }) => id === one.id)?.name ?? null }));
  return { all: named(all), ...(next && { next: named(next) }), platform, setting, notes };
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
