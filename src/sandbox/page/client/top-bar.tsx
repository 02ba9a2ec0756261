import type { ReactNode } from 'react';
import { post } from './lib/api.ts';
import type { State } from './lib/page-state.ts';
import type { BotStatus, PageInfo, Persona } from './lib/protocol.ts';
import type { Guide } from './start/use-guide.ts';

interface TopBarProps {
  state: State;
  page: PageInfo;
  person: Persona;
  onPerson: (person: Persona) => void;
  /** The groups of each persona by the policy file; absent: as it began. */
  groups?: Readonly<Record<string, readonly string[]>> | undefined;
  guide?: Guide;
  /** The other view of the page. */
  link: { href: string; text: string };
  /** What can be started, and what to do first. */
  children: ReactNode;
}

/** Who is pressing, whether the bot runs, and what can be started. */
export function TopBar({ state, page, person, onPerson, groups, guide, link, children }: TopBarProps) {
  const bot = state.one('bot');
  return (
    <header className="top">
      <div className="top-line">
        <h1>Countersign sandbox</h1>
        <fieldset className="people" data-testid="person">
          <legend>You are</legend>
          {page.personas.map((one) => (
            <label key={one.key} data-person={one.key} className={one === person ? 'person person-chosen' : 'person'}>
              <input type="radio" name="person" checked={one.key === person.key} onChange={() => onPerson(one)} />
              {one.name.split(' ')[0]}{' '}
              <small>{groups === undefined ? one.part : groups[one.key]?.join(', ') || 'in no group'}</small>
            </label>
          ))}
        </fieldset>
        {guide?.isOpen === false && (
          <button type="button" className="plain-button" onClick={() => guide.setOpen(true)}>
            Start here
          </button>
        )}
        <a className="top-link" href={`${link.href}#${person.key}`}>
          {link.text}
        </a>
        <a className="top-link" href="/gallery">
          Every state of a card
        </a>
        {bot && <Bot bot={bot} connected={state.connected} isNext={guide?.now.target === 'bot'} />}
      </div>
      {children}
    </header>
  );
}

const words: Record<BotStatus['state'], string> = {
  starting: 'The bot is starting …',
  running: 'The bot is running',
  stopping: 'The bot is stopping …',
  stopped: 'The bot has stopped',
};

function ownWords(running: boolean): string {
  return running ? 'Your bot is running' : 'Your bot is not running: start it in a terminal';
}

function Bot({ bot, connected, isNext }: { bot: BotStatus; connected: boolean; isNext: boolean }) {
  if (!connected) {
    return (
      <div className="bot" role="status" data-testid="bot" data-state="gone">
        <span className="dot dot-off" /> The sandbox is not responding
      </div>
    );
  }
  const running = bot.state === 'running';
  const action = bot.state === 'stopped' || bot.state === 'stopping' ? 'start' : 'stop';
  return (
    <div className="bot" role="status" data-testid="bot" data-state={bot.state}>
      <span className={running ? 'dot dot-on' : 'dot dot-off'} />
      <span>
        {bot.ownIn === undefined ? words[bot.state] : ownWords(running)}
        {bot.died !== null && <b className="died"> unexpectedly: {bot.died}</b>}
      </span>
      {bot.ownIn === undefined && (
        <button
          type="button"
          className={isNext ? 'plain-button is-next' : 'plain-button'}
          disabled={bot.state === 'starting' || bot.state === 'stopping'}
          onClick={() => void post('/bot', { action })}
        >
          {action === 'start' ? 'Start bot' : 'Stop bot'}
        </button>
      )}
    </div>
  );
}
