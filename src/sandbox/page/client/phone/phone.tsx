import type { MouseEvent } from 'react';
import { parseDiscord } from '../discord/markdown.ts';
import { discordNames, slackNames } from '../lib/names.ts';
import type { Names, State } from '../lib/page-state.ts';
import type { PageInfo, Persona, PhoneNotification } from '../lib/protocol.ts';
import { parseMrkdwn } from '../slack/mrkdwn.ts';
import { clockTime } from '../text/dates.ts';
import { plainText } from '../text/plain.ts';

/** The newest that a lock screen has room for. */
const SHOWN = 3;

/** The selected person's phone: what its lock screen shows of each new message. */
export function Phone({ state, page, person }: { state: State; page: PageInfo; person: Persona }) {
  const names = {
    slack: slackNames(state.one('slack-room'), page.slackBotUser),
    discord: discordNames(state.one('discord-room'), page.discordBotUser),
  };
  const ids = [person.slackId, person.discordId];
  const mine = state
    .all('notification')
    .filter(({ only }) => only?.some((id) => ids.includes(id)) ?? true)
    .sort((a, b) => b.number - a.number);
  return (
    <section className="phone" data-testid="phone" aria-label={`${person.name}’s phone`}>
      <h2 className="phone-title">
        {person.name.split(' ')[0]}’s phone
        {mine.length > SHOWN && <small>{mine.length - SHOWN} more</small>}
      </h2>
      <div className="phone-screen" role="log" aria-label="Notifications">
        {mine.length === 0 && (
          <p className="phone-empty">No notifications. A new card appears here as on a lock screen.</p>
        )}
        {mine.slice(0, SHOWN).map((one) => (
          <Notification key={one.number} notification={one} names={names[one.platform]} />
        ))}
      </div>
    </section>
  );
}

function Notification({ notification, names }: { notification: PhoneNotification; names: Names }) {
  const { platform, room, message, text, at } = notification;
  const parse = platform === 'slack' ? parseMrkdwn : parseDiscord;
  const [line = ''] = plainText(parse(text), names, at).trim().split('\n');
  const app = platform === 'slack' ? 'Slack' : 'Discord';
  return (
    <a
      className={`notification notification-${platform}`}
      data-testid="notification"
      data-platform={platform}
      data-message={message}
      href={location.hash || '#'}
      title={line}
      onClick={(event) => openMessage(event, platform, message)}
    >
      <span className="notification-app" aria-hidden="true" />
      <span className="notification-head">
        <b>{app}</b> {room ?? 'Countersign'}
        <time>{clockTime(new Date(at))}</time>
      </span>
      <span className="notification-line">{line === '' ? 'New message' : line}</span>
    </a>
  );
}

/** Opens what a notification is about, as a tap does. */
function openMessage(event: MouseEvent, platform: PhoneNotification['platform'], message: string): void {
  event.preventDefault();
  const room = document.querySelector<HTMLElement>(`[data-testid="${platform}-room"]`);
  const found = [...(room?.querySelectorAll<HTMLElement>('[data-testid="message"]') ?? [])].find(
    (one) => one.dataset['id'] === message,
  );
  const target = found ?? room;
  target?.scrollIntoView({ block: 'nearest' });
  room?.focus({ preventScroll: true });
}
