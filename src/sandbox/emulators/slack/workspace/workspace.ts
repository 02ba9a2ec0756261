import type { ContentRule, SlackUser } from '../types.ts';
import { Clock } from './clock.ts';
import { HomeTabs } from './home-tabs.ts';
import { Messages } from './messages.ts';
import { People } from './people.ts';
import { ResponseUrls } from './response-urls.ts';
import { Rooms } from './rooms.ts';
import { Triggers } from './triggers.ts';
import { Views } from './views.ts';

/** The emulator's whole state. `onChange` is called after every change. */
export class Workspace {
  readonly clock: Clock;
  /** The Enterprise organisation that the workspace belongs to; null: none. */
  enterpriseId: string | null = null;
  readonly people: People;
  readonly rooms: Rooms;
  readonly messages: Messages;
  readonly views: Views;
  readonly homes: HomeTabs;
  readonly triggers: Triggers;
  readonly responseUrls: ResponseUrls;
  /** Which messages are refused for their content; null: those that break Slack's rules. */
  contentRule: ContentRule | null = null;

  constructor(users: SlackUser[], channels: { id: string; name: string }[], now: () => number, onChange: () => void) {
    this.clock = new Clock(now);
    this.people = new People(users, onChange);
    this.rooms = new Rooms(channels, onChange);
    this.messages = new Messages(this.clock, onChange);
    this.views = new Views(this.clock, onChange);
    this.homes = new HomeTabs(new Views(this.clock, onChange));
    this.triggers = new Triggers(this.clock);
    this.responseUrls = new ResponseUrls(this.clock);
  }

  join(enterpriseId: string | null): void {
    this.enterpriseId = enterpriseId;
  }
}
