/** Which known name a misspelled one may mean. Tested in test/policy/wrong-files.test.ts. */
import { nearNames } from '../core/text/settings/near-names.ts';

/** What people write for keys that have another name here. */
const SYNONYMS: Readonly<Record<string, string>> = {
  approvers: 'by',
  reviewers: 'by',
  users: 'by',
  who: 'by',
  min: 'count',
  quorum: 'count',
  required: 'count',
  approvals: 'count',
  exclude: 'not',
  except: 'not',
  channel: 'rooms',
  channels: 'rooms',
  room: 'rooms',
  ping: 'mention',
  notify: 'mention',
  if: 'when',
  condition: 'when',
  timeout: 'expire',
  ttl: 'expire',
  expiry: 'expire',
  expires: 'expire',
  escalation: 'escalate',
  reminder: 'remind',
  reminders: 'remind',
  timezone: 'zone',
  tz: 'zone',
  start: 'from',
  end: 'to',
  until: 'to',
  on_expire: 'then',
  action: 'then',
  reasons: 'quick',
  members: 'people',
  users_groups: 'groups',
  channels_rooms: 'rooms',
  awaits: 'questions',
  admins: 'operators',
  tools: 'tool',
  agents: 'agent',
  flows: 'flow',
  tags: 'tag',
};

/** The nearest of the known names; null: none is near. */
export function nearest(name: string, known: readonly string[]): string | null {
  const synonym = SYNONYMS[name.toLowerCase().replaceAll('-', '_')];
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  const bySpelling = new Map(known.map((one) => [spelled(one), one]));
  const [found] = nearNames(name, [...bySpelling.keys()]);
  return found === undefined ? null : (bySpelling.get(found) ?? null);
}

/** As `nearNames` compares them. */
function spelled(name: string): string {
  return name.toUpperCase().replace(/[^\p{L}\p{N}]+/gu, '_');
}
