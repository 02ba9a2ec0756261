/**
 * The libraries of the bot, and nothing else: the store is open, both platforms are connected, the HTTP server listens. It is
 * bundled before it is measured. Arguments: the database. Environment: as the bot's.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, LogLevel } from '@slack/bolt';
import Database from 'better-sqlite3';
import { Client, Events, GatewayIntentBits } from 'discord.js';
import { createParser } from 'eventsource-parser';
import { Hono } from 'hono';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Webhook } from 'standardwebhooks';
import { parse } from 'yaml';
import { z } from 'zod';

const { SLACK_BOT_TOKEN: token = '', SLACK_APP_TOKEN: appToken = '', SLACK_API_URL: slackApiUrl = '' } = process.env;
const { DISCORD_TOKEN: discordToken = '', DISCORD_API_URL: api = '' } = process.env;
/** They are part of the bundle only if something uses them. */
const used = [createParser, Hono, Registry, Webhook, parse, z.object({})];
const log = pino();
const db = new Database(process.argv[2] ?? '');
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec('CREATE TABLE IF NOT EXISTS starts (at INTEGER NOT NULL)');
db.prepare('INSERT INTO starts VALUES (?)').run(Date.now());
const app = new App({
  ...{ token, appToken, socketMode: true, clientOptions: { slackApiUrl }, logLevel: LogLevel.ERROR },
});
app.action(/^countersign\./, ({ ack }) => ack());
const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api } });
const isReady = new Promise((resolve) => client.once(Events.ClientReady, resolve));
const server = createServer((_, response) => response.end());
const isListening = new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
await Promise.all([app.start(), client.login(discordToken), isReady, isListening]);
log.info({ libraries: used.length }, 'ready');
console.log(`ready ${(server.address() as AddressInfo).port}`);
