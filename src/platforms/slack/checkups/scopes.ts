/** Which scopes the token needs, and what is lost without each. Tested in test/platforms/slack/checkups/scopes.test.ts. */
import type { Found, Level, Wanted } from '../../../core/ports/ports.ts';

export interface Feature {
  scopes: readonly string[];
  level: Level;
  /** As the end of a sentence: `no card can be posted`. */
  lost: string;
  /** Whether what is set up uses it. Absent: always. */
  isUsed?: (wanted: Wanted) => boolean;
}

const sendsDirect = ({ people }: Wanted): boolean => people.some(({ direct }) => direct);

/** All scopes of manifest.yml. */
export const features: readonly Feature[] = [
  { scopes: ['chat:write'], level: 'fault', lost: 'no card can be posted or changed' },
  { scopes: ['commands'], level: 'warning', lost: '/approvals and /countersign do not exist' },
  {
    scopes: ['usergroups:read'],
    level: 'fault',
    lost: 'who is in a user group is not known, so no one may decide as a member of one',
    isUsed: ({ people }) => people.some(({ kind }) => kind === 'group'),
  },
  {
    scopes: ['users:read'],
    level: 'warning',
    lost: 'people are named by their handles, reviewers can’t be checked, and lists of public channels are empty for who did not join them',
  },
  {
    scopes: ['channels:read', 'groups:read'],
    level: 'warning',
    lost: 'who can read a channel is not known: /approvals and the home tab list nothing of it, and channels can’t be checked',
  },
  {
    scopes: ['channels:history', 'groups:history'],
    level: 'warning',
    lost: 'after a lost answer the card is not found in the channel, and may be posted twice',
  },
  {
    scopes: ['im:write', 'im:history'],
    level: 'warning',
    lost: 'after a lost answer a direct message is not found, and may be sent twice',
    isUsed: sendsDirect,
  },
];

const REMEDY = 'Apply manifest.yml to the Slack app again (“App Manifest”), and reinstall the app.';

/** @param granted as Slack names them with each answer; null: it did not */
export function scopesFound(granted: ReadonlySet<string> | null, wanted: Wanted): Found[] {
  if (granted === null) throw new Error('Slack’s answer did not say which scopes the token has.');
  const missing = features.flatMap(({ scopes, level, lost, isUsed }): Found[] => {
    const lacking = isUsed?.(wanted) === false ? [] : scopes.filter((scope) => !granted.has(scope));
    if (lacking.length === 0) return [];
    const what = `The Slack app lacks ${lacking.join(' and ')}: ${lost}.`;
    return [{ level, what, remedy: REMEDY, where: 'SLACK_BOT_TOKEN' }];
  });
  const known = new Set(features.flatMap(({ scopes }) => scopes));
  const more = [...granted].filter((scope) => scope !== '' && !known.has(scope)).sort();
  if (more.length === 0) return missing;
  return [
    ...missing,
    {
      level: 'warning',
      what: `The Slack app has scopes that Countersign does not use: ${more.join(', ')}. Who gets hold of the token can do more than decide.`,
      remedy: `Remove them under “OAuth & Permissions” → “Scopes”, and reinstall the app, unless something else uses it.`,
      where: 'SLACK_BOT_TOKEN',
    },
  ];
}
