import { useRef, useState } from 'react';
import { DiscordRoom } from '../discord/room.tsx';
import type { State } from '../lib/page-state.ts';
import type { PageInfo, Persona } from '../lib/protocol.ts';
import { SlackRoom } from '../slack/room.tsx';
import { Editor } from './file/editor.tsx';
import { Problems } from './file/problems.tsx';
import { SaveBar } from './file/save-bar.tsx';
import type { PolicyEditing } from './use-policy.ts';
import { Waiting } from './waiting.tsx';

interface PolicyPageProps {
  state: State;
  page: PageInfo;
  person: Persona;
  editing: PolicyEditing;
}

const rooms = ['Slack', 'Discord'] as const;

/** The policy file, what it would change, and a room whose cards follow it. */
export function PolicyPage({ state, page, person, editing }: PolicyPageProps) {
  const input = useRef<HTMLTextAreaElement>(null);
  const [room, setRoom] = useState<(typeof rooms)[number]>('Slack');
  const file = state.one('policy');
  if (!file) return null;
  const Room = room === 'Slack' ? SlackRoom : DiscordRoom;
  return (
    <main className="policy">
      <Editor editing={editing} file={file.file} input={input}>
        <Problems editing={editing} file={file.file} input={input} />
        <SaveBar editing={editing} file={file} />
      </Editor>
      <Waiting editing={editing} personas={page.personas} />
      <div className="policy-room">
        <fieldset className="room-choice">
          <legend className="for-readers">Room</legend>
          {rooms.map((name) => (
            <label key={name} className={name === room ? 'room-chosen' : undefined}>
              <input type="radio" name="room" checked={name === room} onChange={() => setRoom(name)} /> {name}
            </label>
          ))}
        </fieldset>
        <Room state={state} page={page} person={person} />
      </div>
    </main>
  );
}
