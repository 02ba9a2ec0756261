/** Names and texts that others wrote, fit to be shown anywhere: masked, visible, on their own line, and short enough. */

import { maskText } from '../mask/text.ts';
import { clip, clipEnds, clipMiddle } from '../text/clip.ts';
import { humanise, isPlainName } from '../text/humanise.ts';
import { clipQuoted, quoted } from '../text/visible/quoted.ts';
import { reveal, revealLine } from '../text/visible/reveal.ts';
import type { Actor } from './parts/decision.ts';
import { isVisitorChat } from './pause/pause.ts';
import type { Shown, Subject } from './subject.ts';

/** Of a person's, an agent's or a tool's name. */
export const NAME_MAX = 80;
/** The quotation marks around one, which are not a part of it. */
const MARKS = 2;

/** The name of an actor of the platform `application` who is the visitor of a website. */
export const VISITOR = 'visitor';

/** How the id of an actor of the platform `policy` begins that is a rule; the rest is the rule's name. */
export const RULE_ID = 'rule:';
/** The same of a person's standing answer; the name is that person's. */
export const GRANT_ID = 'grant:';

/** It is not a person at a platform, but an application, a rule, or a standing answer. */
export function isAutomatic({ platform }: Pick<Actor, 'platform'>): boolean {
  return platform === 'application' || platform === 'policy';
}

/** For everywhere a person is named: on cards, in refusals, towards the backend. */
export function actorName(actor: Actor): string {
  if (actor.platform === 'application') return actor.name === VISITOR ? 'The website visitor' : 'The application';
  if (actor.platform === 'policy' && actor.id.startsWith(RULE_ID))
    return `The rule ${quoted(actor.name, NAME_MAX + MARKS)}`;
  const name = clip(revealLine(actor.name), NAME_MAX);
  const shown = name === '' ? actor.id : name;
  return isGrant(actor) ? `${shown}’s standing answer` : `${shown}${inPlaceText(actor)}`;
}

/** ` for Mara`, behind the name of a person who decides in place of another. Empty for all others. */
export function inPlaceText({ inPlaceOf }: Pick<Actor, 'inPlaceOf'>): string {
  return inPlaceOf === undefined ? '' : ` for ${clip(revealLine(inPlaceOf.name), NAME_MAX)}`;
}

/** The same within a sentence: `Approved by the application.` */
export function actorWithin(actor: Actor): string {
  const name = actorName(actor);
  return isAutomatic(actor) && !isGrant(actor) ? name.replace(/^The/, 'the') : name;
}

function isGrant({ platform, id }: Actor): boolean {
  return platform === 'policy' && id.startsWith(GRANT_ID);
}

/** The agent or flow that asks, fit to be shown anywhere: in quotation marks, as it chose its name itself. */
export function askerName({ pause, sharedNames }: Shown, backend: string): string {
  if (pause.asker === null) return `${isVisitorChat(pause) ? 'A website chat' : 'A run'} on ${backend}`;
  return sharedNames.includes('asker') ? withId(pause.asker, pause.askerId ?? '') : shownName(pause.asker);
}

/** The same, and about whom it asks where another open approval has a contact of the same name. */
export function askerPhrase(shown: Shown, backend: string): string {
  const { contact } = shown.pause;
  const asker = askerName(shown, backend);
  if (contact === undefined || !shown.sharedNames.includes('contact')) return asker;
  return `${asker} about ${withId(contact.name, contact.id)}`;
}

/** The name of an agent or a contact, in quotation marks. */
export function shownName(name: string): string {
  return quoted(maskText(name).value, NAME_MAX + MARKS);
}

/** Of an ID beside a name: a UUID fits. Two IDs differ at their end more often than within. */
const ID_MAX = 64;

function withId(name: string, id: string): string {
  return `${shownName(name)} (${id === '' ? 'no ID' : `ID ${shownId(id)}`})`;
}

function shownId(id: string): string {
  return isPlain(id) ? clipEnds(id, ID_MAX) : quoted(clipEnds(revealLine(maskText(id).value), ID_MAX), ID_MAX + MARKS);
}

type Named = Pick<Subject, 'tool' | 'kind' | 'prompt'>;

/** What the tool is called in words, as a heading: `Refund order`, or `Tool “refund any order”`. */
export function toolTitle(named: Named, max: number): string {
  const { tool, kind, prompt } = named;
  // Its backend has put the names of others in quotation marks.
  if (prompt !== undefined) return clipQuoted(revealLine(maskText(prompt.title).value) || 'Question', max);
  if (kind === 'run') return `Run ${isPlainName(tool) ? clip(tool, max - 4) : quoted(maskText(tool).value, max - 4)}`;
  const noun = kind === 'item' ? 'Request' : 'Tool';
  return wordsOfTool(tool) === null ? `${noun} ${toolName(named, max - noun.length - 1)}` : toolName(named, max);
}

/** The same within a sentence that says already what it is: `Refund order`, or `“refund any order”`. */
export function toolName({ tool }: Named, max: number): string {
  const words = wordsOfTool(tool);
  return words === null ? quoted(maskText(tool).value, max) : clip(words, max);
}

/** Tools met before: most are met again, and a card names its tool in several places. */
const toolsMet = new Map<string, string | null>();
const TOOLS_MET_MAX = 1_000;

/** Null for what can't be said without quotation marks. */
function wordsOfTool(tool: string): string | null {
  const known = toolsMet.get(tool);
  if (known !== undefined) return known;
  if (toolsMet.size >= TOOLS_MET_MAX) toolsMet.clear();
  const words = isPlain(tool) ? toolWords(tool) : null;
  // A long one is a mistake or an attack.
  if (tool.length <= NAME_MAX) toolsMet.set(tool, words);
  return words;
}

/** Before the name of a tool, they say only what it is. */
const prefixes = new Set('mcp tool tools function functions default_api webmcp'.split(' '));
/** What is done: with such a word the name of a tool begins, whatever its server or module is called. */
const verbs = new Set(
  `add adjust allow apply approve archive assign attach ban block book build buy call cancel change charge clear click clone
  close commit configure confirm connect convert copy create deactivate debit delete deploy destroy detach disable disburse
  dispatch download drop edit enable escalate exec execute export extend fetch file fill fire forward generate get give grant
  hire import insert install invite invoke issue kill list lock make mark merge migrate modify move notify open order patch
  pause pay pick place post prescribe provision publish pull purchase purge push put query read reboot reclassify refund
  register reject release remove rename renew reopen replace reply request reschedule reset resize restart restore resume
  retry revert revoke rollback rotate run save scale schedule search sell send set share ship sign start stop submit
  subscribe suspend switch sync tag terminate top transfer trigger unban unlock unpublish unsubscribe update upgrade upload
  upsert use void wipe wire withdraw write`.split(/\s+/),
);

/** `mcp__github__create_issue` → `Create issue (github)`; a name without a verb behind its marks stays as it is. */
function toolWords(tool: string): string {
  const parts = tool.split(/__|[.:/]/).filter((part) => part !== '');
  const kept = parts.filter((part, index) => index === parts.length - 1 || !prefixes.has(part.toLowerCase()));
  const last = humanise(kept.at(-1) ?? tool);
  if (!verbs.has(last.split(' ')[0]?.toLowerCase() ?? ''))
    return humanise(kept.length === parts.length ? tool : kept.join('.'));
  const where = kept.slice(0, -1).map((part) => humanise(part).toLowerCase());
  return where.length === 0 ? last : `${last} (${where.join(' ')})`;
}

/** The same in a sentence about it: `“Refund order”`, or `Tool “refund any order”`. */
export function toolPhrase(named: Named, max: number): string {
  const title = toolTitle(named, max - 2);
  return title.includes('“') ? title : `“${title}”`;
}

/** It can't be mistaken for a sentence of ours, so it needs no quotation marks. */
function isPlain(tool: string): boolean {
  return isPlainName(tool) && maskText(tool).value === tool;
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
