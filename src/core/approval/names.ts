/** Names and texts that others wrote, fit to be shown anywhere: masked, visible, on their own line, and short enough. */

import { maskText } from '../mask/text.ts';
import { clip, clipMiddle } from '../text/clip.ts';
import { humanise } from '../text/humanise.ts';
import { reveal, revealLine } from '../text/visible/reveal.ts';
import type { Actor } from './approval.ts';
import type { Shown, Subject } from './subject.ts';

/** Of a person's, an agent's or a tool's name. */
export const NAME_MAX = 80;

/** For everywhere a person is named: on cards, in refusals, towards the backend. */
export function actorName(actor: Actor): string {
  if (actor.platform === 'application') return 'The application';
  const name = clip(revealLine(actor.name), NAME_MAX);
  return name === '' ? actor.id : name;
}

/** The agent or flow that asks, fit to be shown anywhere. */
export function askerName({ pause }: Shown, backend: string): string {
  return pause.asker === null ? `A run on ${backend}` : clip(revealLine(maskText(pause.asker).value), NAME_MAX);
}

/** What the tool is called in words; the name of an item is in words already, and only begins like a title. */
export function toolTitle({ tool, kind, prompt }: Pick<Subject, 'tool' | 'kind' | 'prompt'>, max: number): string {
  const told = maskText(tool).value;
  if (kind === 'run') return clip(`Run ${revealLine(told)}`, max);
  if (prompt !== undefined) return clip(revealLine(maskText(prompt.title).value) || 'Question', max);
  const isName = told === tool && (kind === 'item' ? /^[\w:]+$/.test(tool) : /^[\w.:-]+$/.test(tool));
  if (isName) return clip(humanise(tool), max);
  const words = revealLine(told) || 'Unnamed';
  return clip(words.charAt(0).toUpperCase() + words.slice(1), max);
}

/** The platform's id, with a capital: `Slack`. */
export function platformName(platform: string): string {
  return `${platform.charAt(0).toUpperCase()}${platform.slice(1)}`;
}

export function displayName(text: string, max: number): string {
  return clipMiddle(reveal(maskText(text).value).trim(), max).text;
}

export function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
