/**
 * Whether a payload is for our app. Slack sends only such payloads over an app's own connections and signs them with its own
 * secret; what is not checked is trusted. Tested in test/platforms/slack/inbound/our-app.test.ts.
 */
import { z } from 'zod';
import type { ForeignPress, ForeignReason, Handlers } from '../../../core/ports/ports.ts';
import { parseButtonId } from '../../../core/view/button-id.ts';

const text = z.string().nullish();
const payloadSchema = z.object({
  api_app_id: text,
  message: z.object({ bot_id: text, app_id: text, user: text }).nullish(),
});
const commandSchema = z
  .object({ user_id: z.string(), user_name: text })
  .transform(({ user_id: id, user_name: name }) => ({ user: { id, name, username: null }, actions: [], view: null }));
const pressSchema = z.object({
  user: z.object({ id: z.string(), username: text, name: text }),
  actions: z.array(z.object({ value: text })).optional(),
  view: z.object({ private_metadata: text }).nullish(),
});
/** Presses and forms name the person as `user`, commands as `user_id`, events within. */
const attemptSchema = z.union([pressSchema, commandSchema]);

/** What tokens and calls say of the app. */
export interface AppIdentity {
  /** `A…`; null: not known yet. */
  appId: string | null;
  botId: string;
  botUserId: string;
}

/** The id of the app in an app-level token. Assumed from the form of these tokens: `xapp-1-A012ABCDEF-…`. */
export function appIdIn(appToken: string): string | null {
  return /^xapp-\d+-(A[A-Z0-9]{6,})-/.exec(appToken)?.[1] ?? null;
}

export class OurApp {
  readonly #self: AppIdentity;
  #appId: string | null;

  constructor(self: AppIdentity) {
    this.#self = self;
    this.#appId = self.appId;
  }

  /** Why a payload is not ours; null: it is. */
  foreignReason(body: unknown): Extract<ForeignReason, 'application' | 'message'> | null {
    const { data } = payloadSchema.safeParse(body);
    const appId = data?.api_app_id ?? null;
    // Where no call says it, the first payload does: it came over our own connection, or with our own signature.
    this.#appId ??= appId;
    if (data === undefined || appId === null || appId !== this.#appId) return 'application';
    const { message } = data;
    if (message === undefined || message === null) return null;
    const { botId, botUserId } = this.#self;
    // A bot has an id in each workspace of an organisation; the app has one.
    const isOurs = message.bot_id === botId || message.user === botUserId || message.app_id === appId;
    return isOurs ? null : 'message';
  }
}

/** For the audit log; null where no person pressed or typed anything. */
export function attemptIn(body: unknown, why: ForeignReason): ForeignPress | null {
  const { data } = attemptSchema.safeParse(body);
  if (data === undefined) return null;
  const { user, actions, view } = data;
  const actor = { platform: 'slack', id: user.id, name: user.name || user.username || user.id };
  return { actor, why, buttonId: parseButtonId(actions?.[0]?.value ?? buttonIn(view?.private_metadata ?? '')) };
}

/** Reports what a person tried, for the audit log. */
export async function reportAttempt(
  body: unknown,
  why: ForeignReason,
  onForeignPress: Handlers['onForeignPress'],
): Promise<void> {
  const attempt = attemptIn(body, why);
  if (attempt !== null) await onForeignPress(attempt);
}

/** A form keeps its button with where it was opened. */
function buttonIn(metadata: string): string {
  try {
    return z.object({ aim: z.string() }).safeParse(JSON.parse(metadata)).data?.aim ?? '';
  } catch {
    return '';
  }
}
