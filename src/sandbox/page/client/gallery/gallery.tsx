import { useEffect, useState } from 'react';
import { DiscordMessageView } from '../discord/message.tsx';
import { list, str } from '../lib/json.ts';
import { type Names, NamesContext } from '../lib/page-state.ts';
import type { DiscordMessage, DrawnState, Json, Persona, SlackMessage } from '../lib/protocol.ts';
import { currentTheme, type Theme } from '../lib/theme.ts';
import { SlackBlocks } from '../slack/blocks.tsx';
import { SlackMessageView } from '../slack/message.tsx';

const themes: readonly Theme[] = ['light', 'dark'];

/** The gallery's messages can't be pressed. */
const viewer: Persona = {
  key: 'viewer',
  name: 'Viewer',
  handle: 'viewer',
  part: '',
  slackId: '',
  discordId: '',
};
const BOT = 'countersign';
/** States whose details are open: they have to be read, or have something to be shown there. */
const detailed = ['changed-item', 'unseen', 'masked', 'too-large', 'digest-mixed', 'signed-one'];
/** Who decides in the gallery. */
const people: Readonly<Record<string, string>> = {
  U0000000001: 'Dana Reyes',
  U0000000002: 'Mara Lind',
  U0000000003: 'Ana Costa',
  U0000000004: 'Lea Roth',
};
const names: Names = { user: (id) => people[id] ?? id, channel: (id) => id };

/** Every state of a card on both platforms; `?theme=light` or `dark` shows both clients in it. */
export function Gallery() {
  const [states, setStates] = useState<DrawnState[] | null>(null);
  const [theme, setTheme] = useState<Theme>(currentTheme);
  useEffect(() => {
    void fetch('/gallery.json')
      .then((response) => response.json())
      .then(setStates);
  }, []);
  if (states === null) return <p className="loading">Drawing every state …</p>;
  return (
    <div className="gallery" data-theme={theme}>
      <header className="g-top">
        <h1>Every state of a card</h1>
        <p>Drawn by the bot’s own renderers from its own state machine.</p>
        <a className="top-link" href="/">
          Back to the sandbox
        </a>
        <label className="g-jump">
          Go to{' '}
          <select value="" onChange={(event) => document.getElementById(event.target.value)?.scrollIntoView()}>
            <option value="">a state …</option>
            {states.map(({ name, caption }) => (
              <option key={name} value={`state-${name}`}>
                {caption}
              </option>
            ))}
          </select>
        </label>
        <fieldset>
          {themes.map((one) => (
            <label key={one}>
              <input type="radio" name="theme" checked={theme === one} onChange={() => setTheme(one)} /> {one}
            </label>
          ))}
        </fieldset>
      </header>
      {states.map((state) => (
        <section
          key={state.name}
          id={`state-${state.name}`}
          className="g-state"
          data-testid="state"
          data-name={state.name}
        >
          <h2>{state.caption}</h2>
          <div className="slack g-card">
            <NamesContext value={names}>
              <SlackMessageView message={slackMessage(state)} person={viewer} botUser={BOT} />
            </NamesContext>
          </div>
          <div className="discord g-card">
            <DiscordMessageView message={discordMessage(state.discord)} person={viewer} botUser={BOT} />
          </div>
          <details className="g-details" open={detailed.includes(state.name)}>
            <summary>Details</summary>
            <div className="slack g-card" data-testid="details">
              <SlackBlocks blocks={list(state.slackDetails['blocks'])} />
            </div>
            <div className="discord g-card">
              <DiscordMessageView message={discordMessage(state.discordDetails)} person={viewer} botUser={BOT} />
            </div>
          </details>
        </section>
      ))}
    </div>
  );
}

function slackMessage({ slack }: DrawnState): SlackMessage {
  return {
    channel: '',
    ts: String(Date.now() / 1000),
    threadTs: null,
    user: BOT,
    text: slack.text,
    blocks: slack.blocks,
    attachments: [],
    metadata: null,
    edited: false,
    onlyFor: null,
  };
}

function discordMessage(discord: Json): DiscordMessage {
  return {
    id: String((BigInt(Date.now()) - 1_420_070_400_000n) << 22n),
    channelId: '',
    authorId: BOT,
    content: str(discord['content']),
    embeds: list(discord['embeds']),
    components: list(discord['components']),
    edited: false,
    flags: 0,
    nonce: null,
    threadId: null,
    onlyFor: null,
  };
}
