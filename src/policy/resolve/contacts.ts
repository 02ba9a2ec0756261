/** How `people` names somebody for calendars and on-call services. Tested in test/policy/load.test.ts. */
import type { Account } from '../../core/policy/rules/document.ts';
import { contactKinds } from '../../core/policy/schedules/on-duty.ts';
import type { Path } from '../yaml/tree.ts';
import type { Report } from './report.ts';

const CONTACT_MAX = 200;

/** `email:mara@example.com`, and not an account that can press. */
export function isContact(text: string): boolean {
  return contactKinds.some((kind) => text.startsWith(`${kind}:`));
}

/** @param text that `isContact` says yes to. Null: it is reported */
export function contactIn(text: string, path: Path, report: Report): Account | null {
  const at = text.indexOf(':');
  const [platform, id] = [text.slice(0, at), text.slice(at + 1).trim()];
  const isValid = platform === 'email' ? /^\S+@\S+$/.test(id) : id !== '' && !/^[*?\s]+$/.test(id);
  if (isValid && id.length <= CONTACT_MAX) return { platform, id };
  const examples: Record<string, string> = {
    email: 'email:mara@example.com',
    pagerduty: 'pagerduty:PABC123, the ID of the user',
    opsgenie: 'opsgenie: and the ID of the user',
    ical: 'ical: and the title of the events: ical:On call: Mara*',
  };
  report(path, `"${text}" is not valid.`, `Write ${examples[platform]}.`);
  return null;
}
