/**
 * Bolt over Socket Mode: a handler that acknowledges, at once or after two commits. Arguments: the API's address, the bot's
 * and the app's token, and the database for commits, if any.
 */
import { App, type BlockAction, type ButtonAction, LogLevel } from '@slack/bolt';
import { approvalIn, openClaims } from './claims.ts';

const [, , slackApiUrl = '', token = '', appToken = '', file = ''] = process.argv;
const claims = file === '' ? null : openClaims(file);
const logLevel = LogLevel.ERROR;
const app = new App({ token, appToken, socketMode: true, clientOptions: { slackApiUrl }, logLevel });
app.action<BlockAction<ButtonAction>>(/^countersign\./, async ({ ack, action, body }) => {
  const approval = approvalIn(action.value ?? '');
  await claims?.decide(approval, body.user.id);
  await claims?.enqueue(approval);
  await ack();
});
await app.start();
console.log('ready');
