/** Bolt's own HTTP receiver, with a handler that only acknowledges. Arguments: the API's address, the token, the secret. */
import type { AddressInfo } from 'node:net';
import { App, LogLevel } from '@slack/bolt';

const [, , slackApiUrl = '', token = '', signingSecret = ''] = process.argv;
const app = new App({ token, signingSecret, clientOptions: { slackApiUrl }, logLevel: LogLevel.ERROR });
app.action(/^countersign\./, ({ ack }) => ack());
const server = await app.start(0);
console.log(`ready ${(server.address() as AddressInfo).port}`);
