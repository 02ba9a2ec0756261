import { ownerOf } from '../guild/can-view.ts';
import type { Guild } from '../guild/guild.ts';
import type { Json } from '../types.ts';

export const LOCALE = 'en-US';

/** @everyone, which has the guild's own id, and the roles that users have. */
export function roleObjects(guild: Guild): Json[] {
  const all: [string, string][] = [[guild.id, '@everyone'], ...guild.roles()];
  return all.map(([id, name], position) => ({
    id,
    name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position,
    permissions: guild.permissions,
    managed: guild.managedRoles.has(id),
    mentionable: id !== guild.id,
    flags: 0,
  }));
}

export function guildObject(guild: Guild): Json {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    home_header: null,
    description: null,
    owner_id: ownerOf(guild),
    application_id: null,
    afk_channel_id: null,
    afk_timeout: 300,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 1,
    default_message_notifications: 1,
    explicit_content_filter: 2,
    mfa_level: 0,
    nsfw_level: 0,
    nsfw: false,
    premium_tier: 0,
    premium_subscription_count: 0,
    premium_progress_bar_enabled: false,
    max_members: 500_000,
    max_presences: null,
    max_video_channel_users: 25,
    max_stage_video_channel_users: 50,
    vanity_url_code: null,
    preferred_locale: LOCALE,
    region: 'deprecated',
    incidents_data: null,
    features: [],
    roles: roleObjects(guild),
    emojis: [],
    stickers: [],
  };
}
