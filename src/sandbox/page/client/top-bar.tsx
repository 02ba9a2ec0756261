import { useEffect, useState } from 'react';
import { post } from './lib/api.ts';
import type { State } from './lib/page-state.ts';
import type { BotStatus, Example, PageInfo, Persona } from './lib/protocol.ts';

interface TopBarProps {
  state: State;
  page: PageInfo;
  person: Persona;
  onPerson: (person: Persona) => void;
}

/** Who is pressing, whether the bot runs, and what can be started. */
export function TopBar({ state, page, person, onPerson }: TopBarProps) {
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
              {one.name} <small>{one.part}</small>
            </label>
          ))}
        </fieldset>
        {bot && <Bot bot={bot} connected={state.connected} />}
      </div>
      <div className="top-line">
        <span className="top-label">Start a run</span>
        {page.examples
          .filter((example) => example.backend === 'runtype')
          .map((example) => (
            <Start key={example.name} example={example} disabled={bot?.state !== 'running'} />
          ))}
        <LegacyToggle legacy={state.one('vocabulary') === 'legacy'} />
      </div>
      <div className="top-line">
        <span className="top-label">Other backends</span>
        {page.examples
          .filter((example) => example.backend !== 'runtype')
          .map((example) => (
            <Start key={example.name} example={example} />
          ))}
      </div>
    </header>
  );
}

/** Runs go through the bot's gateway and need it; a backend's own list fills up without it. */
function Start({ example, disabled = false }: { example: Example; disabled?: boolean }) {
  const { name, label, about } = example;
  return (
    <button
      type="button"
      className="run"
      data-run={name}
      title={about}
      disabled={disabled}
      onClick={() => void post('/runs', { name })}
    >
      {label}
    </button>
  );
}

/** Changes at once, as a checkbox does, and follows the server from then on. */
function LegacyToggle({ legacy }: { legacy: boolean }) {
  const [checked, setChecked] = useState(legacy);
  useEffect(() => setChecked(legacy), [legacy]);
  const choose = async (chosen: boolean) => {
    setChecked(chosen);
    const answer = await post('/vocabulary', { vocabulary: chosen ? 'legacy' : 'unified' });
    if (!answer.ok) setChecked(!chosen);
  };
  return (
    <label className="toggle" title="New runs use Runtype's older event names">
      <input
        type="checkbox"
        data-testid="legacy"
        checked={checked}
        onChange={(event) => void choose(event.target.checked)}
      />
      legacy vocabulary
    </label>
  );
}

const words: Record<BotStatus['state'], string> = {
  starting: 'The bot is starting …',
  running: 'The bot is running',
  stopping: 'The bot is stopping …',
  stopped: 'The bot has stopped',
};

function Bot({ bot, connected }: { bot: BotStatus; connected: boolean }) {
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
        disabled={bot.state === 'starting' || bot.state === 'stopping'}
        onClick={() => void post('/bot', { action })}
      >
        {action === 'start' ? 'Start bot' : 'Stop bot'}
      </button>
    </div>
  );
}
