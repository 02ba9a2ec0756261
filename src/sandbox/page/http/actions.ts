import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { polledExamples, runExamples, scriptsOf } from '../examples.ts';
import { decideInDashboard } from '../state/dashboards.ts';
import type { Parts } from '../state/snapshot.ts';
import { typedCommand } from './typed-command.ts';

const BODY_MAX_BYTES = 64 * 1024;

/** Characters of a policy file, so that it fits into a body. */
const POLICY_MAX = 30_000;

/** As in the app's manifest. */
const SLACK_COMMANDS = ['/approvals', '/countersign'];

/** The longest are Slack's block and action ids. */
const id = z.string().min(1).max(255);
const typed = z.string().max(20_000);

/** The page's actions. Each is a POST with a JSON body; an error is `{ error }`. */
export function actionRoutes(parts: Parts): Hono {
  const { slack, discord, runtype, bot, application, policy } = parts;
  const routes = new Hono();
  routes.use(
    bodyLimit({
      maxSize: BODY_MAX_BYTES,
      onError: (context) => context.json({ error: `A request body may have at most ${BODY_MAX_BYTES} bytes.` }, 413),
    }),
  );

  /** `act` returns the JSON response; its errors become a 409: the page referred to something that no longer exists. */
  function on<Body>(path: string, schema: z.ZodType<Body>, act: (body: Body) => unknown): void {
    routes.post(path, async (context) => {
      if (!/^application\/json\b/.test(context.req.header('content-type') ?? '')) {
        return context.json({ error: 'The content type must be application/json.' }, 415);
      }
      const body = schema.safeParse(await context.req.json().catch(() => undefined));
      if (!body.success) return context.json({ error: z.prettifyError(body.error) }, 400);
      try {
        return context.json((await act(body.data)) ?? {});
      } catch (error) {
        return context.json({ error: error instanceof Error ? error.message : String(error) }, 409);
      }
    });
  }

  on(
    '/slack/press',
    z.strictObject({ userId: id, channel: id, ts: id, actionId: id, blockId: id.optional() }),
    ({ blockId, ...press }) => slack.press(blockId === undefined ? press : { ...press, blockId }),
  );
  on(
    '/slack/submit',
    z.strictObject({ userId: id, viewId: id, values: z.record(id, z.record(id, typed)) }),
    ({ userId, viewId, values }) => slack.submitView(userId, viewId, values),
  );
  on('/slack/press-in-view', z.strictObject({ userId: id, viewId: id, actionId: id }), ({ userId, viewId, actionId }) =>
    slack.pressInView(userId, viewId, actionId),
  );
  on('/slack/open-home', z.strictObject({ userId: id }), ({ userId }) => slack.openHome(userId));
  on('/slack/press-in-home', z.strictObject({ userId: id, actionId: id }), ({ userId, actionId }) =>
    slack.pressInHome(userId, actionId),
  );
  on('/slack/close', z.strictObject({ userId: id, viewId: id }), ({ userId, viewId }) =>
    slack.closeView(userId, viewId),
  );
  on('/discord/press', z.strictObject({ userId: id, channelId: id, messageId: id, customId: id }), (press) =>
    discord.press(press),
  );
  on(
    '/discord/submit',
    z.strictObject({ userId: id, modalId: id, values: z.record(id, typed) }),
    ({ userId, modalId, values }) => discord.submitModal(userId, modalId, values),
  );
  on('/discord/close', z.strictObject({ userId: id, modalId: id }), ({ userId, modalId }) =>
    discord.closeModal(userId, modalId),
  );
  const command = z.strictObject({ userId: id, channel: id, typed });
  on('/slack/command', command, ({ userId, channel, typed: line }) => {
    const [, name, text = ''] = /^(\/\S+)\s*(.*)$/s.exec(line) ?? [];
    if (name === undefined) throw new Error('A command starts with a slash.');
    // Slack's client answers this itself; the app is not notified.
    if (!SLACK_COMMANDS.includes(name)) throw new Error(`${name} is not a valid command.`);
    return slack.command(userId, name, text, { channel });
  });
  on('/discord/command', command, ({ userId, channel: channelId, typed: line }) =>
    discord.command({ userId, channelId, ...typedCommand(discord.commands(), line) }),
  );
  on('/runs', z.strictObject({ name: id }), ({ name }) => {
    const other = polledExamples.find((known) => known.name === name);
    if (other) return other.start(parts);
    const example = runExamples(runtype.scripts).find((known) => known.name === name);
    const ids = scriptsOf(name, runtype.scripts).map((script) => application.start(script, example?.label ?? name).id);
    const id = ids.at(-1);
    if (id === undefined || example === undefined) throw new Error(`Unknown example "${name}".`);
    return { id };
  });
  on('/vocabulary', z.strictObject({ vocabulary: z.enum(['unified', 'legacy']) }), ({ vocabulary }) => {
    runtype.vocabulary = vocabulary;
    return { vocabulary };
  });
  on(
    '/dashboard',
    z.strictObject({
      backend: z.enum(['sonzai', 'hookpulse']),
      id,
      action: z.enum(['approve', 'reject', 'take_over']),
    }),
    ({ backend, id: itemId, action }) => decideInDashboard(parts, backend, itemId, action),
  );
  const text = z.strictObject({ text: z.string().max(POLICY_MAX) });
  on('/policy/preview', text, (body) => policy.preview(body.text));
  on('/policy/save', text, (body) => policy.save(body.text));
  on('/bot', z.strictObject({ action: z.enum(['start', 'stop']) }), async ({ action }) => {
    await (action === 'start' ? bot.start() : bot.stop());
    return bot.status;
  });
  return routes;
}
