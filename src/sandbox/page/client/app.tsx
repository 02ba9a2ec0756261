import { useState } from 'react';
import { DiscordRoom } from './discord/room.tsx';
import { JumpLinks } from './jump-links.tsx';
import { usePageState } from './lib/page-state.ts';
import type { Persona } from './lib/protocol.ts';
import { Panels } from './panels/panels.tsx';
import { Phone } from './phone/phone.tsx';
import { SlackRoom } from './slack/room.tsx';
import { useGuide } from './start/use-guide.ts';
import { TopBar } from './top-bar.tsx';

export function App() {
  const state = usePageState();
  const guide = useGuide(state);
  const page = state.one('page');
  const [key, setKey] = useState(() => location.hash.slice(1));
  if (!page) return <p className="loading">{state.connected ? 'Loading …' : 'Waiting for the sandbox …'}</p>;
  const person = page.personas.find((one) => one.key === key) ?? page.personas[0];
  if (!person) return null;
  // In the address, so that two tabs can be two people.
  const choose = (chosen: Persona) => {
    history.replaceState(null, '', `#${chosen.key}`);
    setKey(chosen.key);
  };
  return (
    <div className="page">
      <TopBar state={state} page={page} person={person} guide={guide} onPerson={choose} />
      <JumpLinks />
      <Phone state={state} page={page} person={person} />
      <main className="rooms">
        <SlackRoom state={state} page={page} person={person} />
        <DiscordRoom state={state} page={page} person={person} />
      </main>
      <Panels state={state} />
    </div>
  );
}
