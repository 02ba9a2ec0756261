/** The policy of a bot without a policy file. */
import type { Config } from '../config/config.ts';
import type { PolicyDocument } from '../core/policy/rules/document.ts';
import { documentOfSettings } from '../core/policy/rules/document-of-settings.ts';
import { roomsOf } from './rooms-and-people.ts';

export function policyOf(config: Readonly<Config>): PolicyDocument {
  const { reviewers, confirm, yesNo, runs, digestFrom } = config;
  return documentOfSettings({
    ...{ reviewers, confirm, yesNo, runs, digestFrom },
    places: roomsOf(config),
    direct: config.directMessages,
    mention: config.pings,
    remindAfter: config.remindAfterMs,
    claimMs: config.takeOverMs,
  });
}
