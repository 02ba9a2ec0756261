/** What a person sees of a message, and what it does beside being seen; written apart from the code that makes it. */

import type { Approval } from '../../../src/core/approval/approval.ts';

type Json = Record<string, unknown>;

/**
 * Characters that are invisible: controls, marks of direction, joiners, fillers, tags, variation selectors. Not an emoji's
 * own joiner and selector.
 */
const hidden: readonly (readonly [number, number])[] = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0e],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
];
/** Where a language needs one: a variant of a Chinese character, a Mongolian letter’s form, Persian words, Indic clusters. */
const spelling =
  /(?<=\p{Script=Han})[\u{e0100}-\u{e011f}]|(?<=\p{Script=Mongolian})[\u180b-\u180f]|(?<=\p{Script=Arabic})\u200c(?=\p{Script=Arabic})|(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d]|(?<=\p{Extended_Pictographic})\ufe0e/gu;
const looseJoiner =
  /(?<!\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?)\u200d|\u200d(?!\p{Extended_Pictographic})/u;
const looseSelector = /(?<!\p{Extended_Pictographic})(?<![\d#*])\ufe0f/u;

/** @param cut of a text that goes on elsewhere, an emoji may be cut in two */
export function hasHidden(text: string, cut = false): boolean {
  const codes = [...text.replace(spelling, '')].map((character) => character.codePointAt(0) ?? 0);
  const isHidden = codes.some((code) => hidden.some(([first, last]) => code >= first && code <= last));
  return isHidden || (!cut && (looseJoiner.test(text) || looseSelector.test(text)));
}

function objectsIn(value: unknown): Json[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Json, ...Object.values(value).flatMap(objectsIn)];
}

/** Every text of a Slack message that somebody reads. */
export function slackTexts(message: { text: string; blocks: unknown }): string[] {
  const inside = objectsIn(message.blocks).flatMap(({ text, accessibility_label: label }) => [text, label]);
  return [message.text, ...inside.filter((one): one is string => typeof one === 'string')];
}

/**
 * Everything in a Slack message that Slack would make into a mention, a link or an emoji.
 * @param people who may be drawn by their own element, because that notifies no one
 */
export function pingsIn({ text, blocks }: { text: string; blocks: unknown }, people: readonly string[] = []): string[] {
  const tokens = new Set(people.map((id) => `<@${id}>`));
  const date = /^<!date\^\d+\^(?:\{date_short(?:_pretty)?} at )?\{time}\|[+-]?\d{4,6}-\d\d-\d\d \d\d:\d\d UTC>$/;
  const live = new Set(['link', 'user', 'usergroup', 'channel', 'broadcast', 'emoji', 'team', 'color']);
  const found = objectsIn(blocks).flatMap((one) => {
    if (one['type'] === 'user' && people.includes(String(one['user_id']))) return [];
    if (live.has(String(one['type']))) return [JSON.stringify(one)];
    if (one['type'] === 'plain_text' && one['emoji'] !== false) return [JSON.stringify(one)];
    const isOwn = date.test(String(one['text'])) || tokens.has(String(one['text']));
    return one['type'] === 'mrkdwn' && !isOwn ? [String(one['text'])] : [];
  });
  return /[<>]|&(?!(?:amp|lt|gt);)/.test(text) ? [text, ...found] : found;
}

/** Every text of a Discord message that somebody reads. */
export function discordTexts(message: Json): string[] {
  const { content, embeds, components } = message;
  const inside = objectsIn(embeds).flatMap(({ title, description }) => [title, description]);
  const labels = objectsIn(components).map(({ label }) => label);
  return [content, ...inside, ...labels].filter((one): one is string => typeof one === 'string');
}

/** As Discord reads, from left to right: code, in which nothing else is read, and what is escaped. */
const code = /^```\n(?:(?!```)[\s\S])*\n```$|`[^`\n]+`|\\[^0-9A-Za-z\s]/gm;
/** Our own marks: the only others that may stand in a card. */
const own = /<t:-?\d+:[Rtf]>|^-# |^> |^- (?=If \*\*)|\*\*(?=\S)[^*]*\*\*/gm;

/** Whether Discord would ping somebody over it, were it allowed to. */
export function pings(text: string): boolean {
  return /@everyone|@here|<@|<#|<:/.test(text.replace(code, '·'));
}

/** Marks of Discord's markdown that would do something, beside our own. */
export function markupIn(text: string): string[] {
  const rest = text.replace(code, '·').replace(own, '·');
  return rest.match(/[\\*_~`|>#[\]()<@]|:\/\/|^[ \t]*(?:[-+]|\d+\.)[ \t]/gm) ?? [];
}

/** The people who did something to an approval, by their IDs. */
export function peopleOf({ decision, claim }: Pick<Approval, 'decision' | 'claim'>): string[] {
  return [decision?.actor, claim?.actor].flatMap((actor) => actor?.id ?? []);
}
