/** Prints what the bot would post for every state of a card, as JSON: the sandbox's gallery draws it. */

import type { Approval } from '../../core/approval/approval.ts';
import { renderCard } from '../../core/view/cards/approval-card.ts';
import { renderDigest } from '../../core/view/cards/digest-card.ts';
import { renderReminder, renderResult } from '../../core/view/cards/thread-notes.ts';
import { maskedValuesOf } from '../../core/view/content/masked-values.ts';
import { digestDetails } from '../../core/view/details/of-digest.ts';
import { maskedSection, readFirstSection } from '../../core/view/details/read-first-sections.ts';
import { detailsOf } from '../../core/view/details/sections.ts';
import { renderDetails as renderDiscordDetails } from '../../platforms/discord/render/details.ts';
import { renderMessage as renderDiscordMessage } from '../../platforms/discord/render/message.ts';
import { renderDetails as renderSlackDetails } from '../../platforms/slack/render/details.ts';
import {
  renderNewMessage as renderNewSlackMessage,
  renderMessage as renderSlackMessage,
} from '../../platforms/slack/render/message.ts';
import { digestStates } from './digests.ts';
import { galleryStates } from './states.ts';

const reminded = ({ slots }: Approval) => Object.values(slots).find(({ kind }) => kind === 'reminder');
const renderers = {
  card: renderCard,
  result: renderResult,
  reminder: (approval: Approval, backend: string) => {
    const slot = reminded(approval);
    return slot === undefined ? null : renderReminder(approval, backend, slot);
  },
} as const;
const states = galleryStates(Date.now()).map(({ name, caption, backend, approval, sheet, pings }) => {
  const card = renderers[sheet](approval, backend);
  if (card === null) throw new Error(`The state ${name} has nothing to show.`);
  const isOpen = approval.phase === 'open';
  const details = detailsOf(approval, [], backend, {
    top: isOpen ? readFirstSection(approval, { reveal: true }) : [],
    masked: isOpen ? maskedSection(maskedValuesOf(approval)) : [],
  });
  const view = { approvalId: approval.id, fingerprint: approval.fingerprint, details, page: 0 };
  return {
    name,
    caption,
    slack: pings === undefined ? renderSlackMessage(card) : renderNewSlackMessage(card, pings.slack),
    discord: renderDiscordMessage(card, pings?.discord),
    slackDetails: renderSlackDetails(view),
    discordDetails: renderDiscordDetails(view).data,
  };
});
const digests = digestStates(Date.now()).map(({ name, caption, digest }) => {
  const card = renderDigest(digest, 'Runtype');
  const view = { approvalId: digest.id, details: digestDetails(digest, 'Runtype'), page: 0 };
  return {
    name,
    caption,
    slack: renderSlackMessage(card),
    discord: renderDiscordMessage(card),
    slackDetails: renderSlackDetails(view),
    discordDetails: renderDiscordDetails(view).data,
  };
});
process.stdout.write(JSON.stringify([...states, ...digests]));
