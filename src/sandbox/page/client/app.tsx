import { useState } from 'react';
import { DiscordRoom } from './discord/room.tsx';
import { JumpLinks } from './jump-links.tsx';
import { type State, usePageState } from './lib/page-state.ts';
import type { PageInfo, Persona } from './lib/protocol.ts';
import { Panels } from './panels/panels.tsx';
import { Phone } from './phone/phone.tsx';
import { PolicyPage } from './policy/page.tsx';
import { Requests } from './policy/requests.tsx';
import { usePolicy } from './policy/use-policy.ts';
import { SlackRoom } from './slack/room.tsx';
import { Examples } from './start/examples.tsx';
import { GuideView } from './start/guide.tsx';
import { useGuide } from './start/use-guide.ts';
import { TopBar } from './top-bar.tsx';

/** The rooms; at `/policy`, the policy file beside one of them. */
export function App() {
  const state = usePageState();
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
  const View = location.pathname === '/policy' ? PolicyView : RoomsView;
  return <View state={state} page={page} person={person} onPerson={choose} />;
}

interface ViewProps {
  state: State;
  page: PageInfo;
  person: Persona;
  onPerson: (person: Persona) => void;
}

function PolicyView({ state, page, person, onPerson }: ViewProps) {
  const editing = usePolicy(state);
  return (
    <div className="page page-policy">
      <TopBar
        state={state}
        page={page}
        person={person}
        onPerson={onPerson}
        groups={editing.preview?.people}
        link={{ href: '/', text: 'Back to the rooms' }}
      >
        <Requests state={state} page={page} editing={editing} />
      </TopBar>
      <PolicyPage state={state} page={page} person={person} editing={editing} />
    </div>
  );
}

function RoomsView({ state, page, person, onPerson }: ViewProps) {
  const guide = useGuide(state);
  return (
    <div className="page">
      <TopBar
        state={state}
        page={page}
        person={person}
        onPerson={onPerson}
        guide={guide}
        link={{ href: '/policy', text: 'Policy file' }}
      >
        {guide.isOpen && <GuideView guide={guide} />}
        <Examples state={state} page={page} next={guide.now.target} />
      </TopBar>
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
