import { post } from './lib/api.ts';
import type { State } from './lib/page-state.ts';
import type { BotStatus, PageInfo, Persona } from './lib/protocol.ts';
import { Examples } from './start/examples.tsx';
import { GuideView } from './start/guide.tsx';
import type { Guide } from './start/use-guide.ts';

interface TopBarProps {
  state: State;
  page: PageInfo;
  person: Persona;
  guide: Guide;
  onPerson: (person: Persona) => void;
}

/** Who is pressing, whether the bot runs, what can be started, and what to do first. */
export function TopBar({ state, page, person, guide, onPerson }: TopBarProps) {
  const bot = state.one('bot');
  const { target } = guide.now;
  return (
    <header className="top">
      <div className="top-line">
        <h1>Countersign sandbox</h1>
        <fieldset className="people" data-testid="person">
          <legend>You are</legend>
          {page.personas.map((one) => (
            <label key={one.key} data-person={one.key} className={one === person ? 'person person-chosen' : 'person'}>
              <input type="radio" name="person" checked={one.key === person.key} onChange={() => onPerson(one)} />
              {one.name} <small>{one.part}</small>
            </label>
          ))}
        </fieldset>
        {!guide.isOpen && (
          <button type="button" className="plain-button" onClick={() => guide.setOpen(true)}>
            Start here
          </button>
        )}
        <a className="top-link" href="/gallery">
          Every state of a card
        </a>
        {bot && <Bot bot={bot} connected={state.connected} isNext={target === 'bot'} />}
      </div>
      {guide.isOpen && <GuideView guide={guide} />}
      <Examples state={state} page={page} next={target} />
    </header>
  );
}

const words: Record<BotStatus['state'], string> = {
  starting: 'The bot is starting …',
  running: 'The bot is running',
  stopping: 'The bot is stopping …',
  stopped: 'The bot has stopped',
};

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
        {words[bot.state]}
        {bot.died !== null && <b className="died"> unexpectedly: {bot.died}</b>}
      </span>
      <button
        type="button"
        className={isNext ? 'plain-button is-next' : 'plain-button'}
        disabled={bot.state === 'starting' || bot.state === 'stopping'}
        onClick={() => void post('/bot', { action })}
      >
        {action === 'start' ? 'Start bot' : 'Stop bot'}
      </button>
    </div>
  );
}
