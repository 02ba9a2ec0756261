/** What the settings and the policy need of one platform. Tested in test/doctor/wanted.test.ts. */
import type { Config } from '../config/config.ts';
import { roomsIn } from '../config/policy-file.ts';
import type { Place } from '../core/approval/parts/slot.ts';
import { reviewerText } from '../core/policy/reviewers.ts';
import type { PolicyDocument, Rule, Who } from '../core/policy/rules/document.ts';
import { everyoneIn, reviewersIn } from '../core/policy/rules/who.ts';
import type { Wanted, WantedPerson, WantedRoom, WantedRule } from '../core/ports/ports.ts';

type Settings = Pick<Config, 'alertPlaces' | 'policy'>;

/** @param document the policy that applies */
export function wantedOf(platform: string, { alertPlaces, policy }: Settings, document: PolicyDocument): Wanted {
  const rooms = new Map<string, WantedRoom>();
  const add = (place: Place, use: WantedRoom['for'][number], where: string) => {
    if (place.platform !== platform) return;
    const known = rooms.get(place.room);
    const uses = [...new Set([...(known?.for ?? []), use])];
    rooms.set(place.room, { room: place.room, for: uses, where: known?.where ?? where });
  };
  for (const place of roomsIn(document)) {
    const setting = `${platform.toUpperCase()}_CHANNEL`;
    add(place, 'cards', policy === null ? setting : placeOfRule(document, (rule) => hasRoom(rule, place)));
  }
  for (const place of alertPlaces) add(place, 'alerts', 'ALERTS');
  const people = peopleOf(platform, document, policy !== null);
  return { rooms: [...rooms.values()], people, rules: rulesOf(platform, document, policy !== null) };
}

function rulesOf(platform: string, document: PolicyDocument, isFile: boolean): WantedRule[] {
  const ours = (entries: readonly Who[]) => reviewersIn(entries, document).filter((one) => one.platform === platform);
  return document.rules
    .map((rule) => {
      const direct = new Set(ours(rule.direct).map(reviewerText));
      const deciding = ours(Object.values(rule.verbs).flatMap(({ by }) => by));
      const where = isFile ? `${document.source}, rule ${rule.name}` : `${platform.toUpperCase()}_CHANNEL`;
      const rooms = rule.rooms.flatMap((place) => (place.platform === platform ? [place.room] : []));
      const deciders = deciding.filter((one) => !direct.has(reviewerText(one))).map(({ kind, id }) => ({ kind, id }));
      return { where, rooms, deciders };
    })
    .filter(({ rooms, deciders }) => rooms.length > 0 && deciders.length > 0);
}

function hasRoom({ rooms, escalate }: Rule, { platform, room }: Place): boolean {
  const all = [...rooms, ...escalate.flatMap((step) => step.rooms)];
  return all.some((one) => one.platform === platform && one.room === room);
}

function peopleOf(platform: string, document: PolicyDocument, isFile: boolean): WantedPerson[] {
  const { rules } = document;
  const textsOf = (entries: readonly Who[]) => new Set(reviewersIn(entries, document).map(reviewerText));
  const deciding = textsOf(rules.flatMap(({ verbs }) => Object.values(verbs).flatMap(({ by }) => by)));
  const direct = textsOf(rules.flatMap((rule) => rule.direct));
  return everyoneIn(document)
    .filter((one) => one.platform === platform)
    .map(({ kind, id }) => {
      const text = reviewerText({ platform, kind, id });
      const isIn = (rule: Rule) => textsOf(everyoneOf(rule)).has(text);
      const setting = deciding.has(text) ? 'REVIEWERS' : direct.has(text) ? 'DIRECT_MESSAGES' : 'PING or RUN_STARTERS';
      const where = isFile ? placeOfRule(document, isIn) : setting;
      return { kind, id, decides: deciding.has(text), direct: direct.has(text), where };
    });
}

function everyoneOf({ verbs, mention, direct, escalate }: Rule): readonly Who[] {
  return [
    ...Object.values(verbs).flatMap(({ by }) => by),
    ...mention,
    ...direct,
    ...escalate.flatMap((step) => step.mention),
  ];
}

/** The first rule that it is in; outside of the rules, the file. */
function placeOfRule({ source, rules }: PolicyDocument, isIn: (rule: Rule) => boolean): string {
  const rule = rules.find(isIn);
  return rule === undefined ? source : `${source}, rule ${rule.name}`;
}
