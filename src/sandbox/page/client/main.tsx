/**
 * The sandbox page. It draws what the bot sent to the emulators: the state comes from `/events`, actions go to
 * `/api/…`.
 *
 * Attributes for tests:
 *
 * | What | Where |
 * | --- | --- |
 * | the rooms | `data-testid="slack-room"`, `"discord-room"` |
 * | a message | `data-testid="message"`, `data-id` (Slack: ts, Discord: id), `data-private="true"` when only one person sees it |
 * | a thread | `data-testid="thread"`, `data-of` (id of its root or post); its toggle has `aria-expanded`, its messages as everywhere |
 * | a button | a `<button>` named by its label; Slack: `data-action-id`, `data-block-id`, Discord: `data-custom-id` |
 * | a press that failed | `data-testid="press-failed"`, in the message or the form |
 * | a modal | `role="dialog"` named by its title, in its room; Slack's "are you sure" is `role="alertdialog"` |
 * | a field | found by its label; `data-action-id` or `data-custom-id` |
 * | the command input | `data-testid="command-input"` in each room; its error: `"command-error"` |
 * | the selected person | `data-testid="person"`: radio buttons, each in `label[data-person="dana" \| "sam" \| "remy" \| "kit"]`; or `#sam` in the address |
 * | start a run | `button[data-run="refund-agent"]` …; add an item to a backend's list: `"sonzai-message"`, `"hookpulse-payout"` … |
 * | the numbered examples, and *More* | `.first-example`, `button[aria-controls="more-examples"]` |
 * | the guide | `data-testid="guide"`, `data-step="approve"` … or `"done"` |
 * | the phone | `data-testid="phone"`; `data-testid="notification"`, `data-platform`, `data-message` |
 * | unread | `data-unread` of a thread and of a channel's tab |
 * | legacy vocabulary | `data-testid="legacy"`, a checkbox |
 * | the bot | `data-testid="bot"`, `data-state="running"` …; buttons "Stop bot", "Start bot" |
 * | the bot's connections | `data-testid="presence"` in each room, `data-connections` |
 * | what the application saw | `data-testid="application-run"`, newest first, `data-end="open"` or how it ended |
 * | what Runtype received | `data-testid="runtype-call"`, `data-path`, `data-status`, `data-effect="true"` for a call that decided |
 * | what Sonzai and HookPulse received | `data-testid="sonzai-call"`, `"hookpulse-call"`, with the same data |
 * | a backend's own dashboard | `data-testid="dashboard-item"`, `data-backend`, `data-id`; buttons `data-action="approve"` … |
 * | the bot's log | `data-testid="bot-log"` |
 * | the policy file (`/policy`) | `data-testid="policy-text"`; an error: `"policy-problem"`, `data-line`, `data-column`; `"policy-status"`, `data-kind` |
 * | a request that waits | `data-testid="waiting"`, `data-tool`, `data-changes`; in it `"takes"`, `data-people`, and `"anew"` |
 * | a person who may | `.chip`, `data-person`, `data-state="may"`, `"signed"`, `"new"`, `"gone"`, `"maybe"`, `"asked"` |
 * | a state in the gallery (`/gallery`, `?theme=dark`) | `data-testid="state"`, `data-name` |
 */
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { Gallery } from './gallery/gallery.tsx';
import { followEvents } from './lib/page-state.ts';
import { followTheme } from './lib/theme.ts';

followTheme();
const root = document.getElementById('root');
if (root && location.pathname === '/gallery') {
  createRoot(root).render(<Gallery />);
} else if (root) {
  followEvents();
  createRoot(root).render(<App />);
}
