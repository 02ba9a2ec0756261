/** Prints what the bot would post for every state of a card, as JSON: the sandbox’s gallery draws it. Tested in test/browser/gallery.test.ts. */

import type { Approval } from '../../core/approval/approval.ts';
import { explainStored } from '../../core/policy/explain/stored.ts';
import type { Card } from '../../core/view/card.ts';
import { renderCard } from '../../core/view/cards/approval-card.ts';
import { renderDigest } from '../../core/view/cards/digest/card.ts';
import { smallestCard } from '../../core/view/cards/smallest-form.ts';
import {
  renderEscalation,
  renderPointer,
  renderReminder,
  renderResult,
  withWaiting,
} from '../../core/view/cards/thread-notes.ts';
import { maskedValuesOf } from '../../core/view/content/masked-values.ts';
import { digestDetails } from '../../core/view/details/of-digest.ts';
import { policySection } from '../../core/view/details/policy-section.ts';
import { maskedSection, readFirstSection } from '../../core/view/details/read-first-sections.ts';
import { detailsOf } from '../../core/view/details/sections.ts';
import { renderDetails as renderDiscordDetails } from '../../platforms/discord/render/details.ts';
import { renderMessage as renderDiscordMessage } from '../../platforms/discord/render/message.ts';
import { renderDetails as renderSlackDetails } from '../../platforms/slack/render/details.ts';
import {
  renderNewMessage as renderNewSlackMessage,
  renderMessage as renderSlackMessage,
} from '../../platforms/slack/render/message.ts';
import type { GalleryState } from './build-state.ts';
import { galleryContext } from './context.ts';
import { galleryStates } from './states/all.ts';
import { digestStates } from './states/digests.ts';

/** Of a note that is posted already. */
const slot = { place: { platform: 'slack', room: 'C0000000001' }, receipt: null };
const notes = {
  result: renderResult,
  reminder: (approval: Approval, backend: string) => renderReminder(approval, backend, slot),
  escalation: (approval: Approval, backend: string) => {
    const name = Object.keys(approval.slots).find((one) => one.startsWith('escalation'));
    return renderEscalation(approval, backend, name ?? '');
  },
  pointer: (approval: Approval, backend: string) => renderPointer(approval, backend, slot),
} as const;

function cardOf(state: GalleryState, platform: string): Card {
  const { name, backend, approval, sheet, refused, waits = 0 } = state;
  if (sheet === 'card') {
    const refusal = refused === undefined ? null : { platform, reason: refused };
    const context = galleryContext(state, platform);
    return withWaiting(
      refusal === null ? renderCard(approval, context) : smallestCard(approval, context, refusal),
      waits,
    );
  }
  const note = notes[sheet](approval, backend);
  if (note === null) throw new Error(`The state ${name} has nothing to show.`);
  return note;
}

const states = galleryStates(Date.now()).map((state) => {
  const { name, caption, backend, approval, pings, policy, stop } = state;
  const [card, onDiscord] = [cardOf(state, 'slack'), cardOf(state, 'discord')];
  const isOpen = approval.phase === 'open';
  const details = detailsOf(approval, [], backend, {
    top: isOpen ? readFirstSection(approval, { reveal: true }) : [],
    follows: isOpen
      ? [...(card.consequences ?? []), ...(card.deciders === undefined ? [] : [[card.deciders.text]])]
      : [],
    masked: isOpen ? maskedSection(maskedValuesOf(approval)) : [],
    policy: policy === undefined ? [] : [policySection(explainStored(approval, policy, Date.now()))],
    ...(stop && { stop }),
  });
  const view = { approvalId: approval.id, fingerprint: approval.fingerprint, details, page: 0 };
  return {
    name,
    caption,
    slack: pings === undefined ? renderSlackMessage(card) : renderNewSlackMessage(card, pings.slack),
    discord: renderDiscordMessage(onDiscord, pings?.discord),
    slackDetails: renderSlackDetails(view),
    discordDetails: renderDiscordDetails(view).data,
  };
});
const digests = digestStates(Date.now()).map(({ name, caption, digest }) => {
  const open = digest.members.find(({ phase }) => phase === 'open');
  const cardOn = (platform: string) =>
    renderDigest(
      digest,
      open === undefined ? { backend: 'Runtype' } : galleryContext({ approval: open, backend: 'Runtype' }, platform),
    );
  const view = { approvalId: digest.id, details: digestDetails(digest, 'Runtype'), page: 0 };
  return {
    name,
    caption,
    slack: renderSlackMessage(cardOn('slack')),
    discord: renderDiscordMessage(cardOn('discord')),
    slackDetails: renderSlackDetails(view),
    discordDetails: renderDiscordDetails(view).data,
  };
});
process.stdout.write(JSON.stringify([...states, ...digests]));
