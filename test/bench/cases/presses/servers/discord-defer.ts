/**
 * discord.js: a handler that calls `deferUpdate()`, at once or after two commits. Arguments: the API's address, the token,
 * and the database for commits, if any.
 */
import { type ButtonInteraction, Client, Events, GatewayIntentBits } from 'discord.js';
import { approvalIn, openClaims } from './claims.ts';

const [, , api = '', token = '', file = ''] = process.argv;
const claims = file === '' ? null : openClaims(file);
const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api } });
async function handle(interaction: ButtonInteraction): Promise<void> {
  const approval = approvalIn(interaction.customId);
  await claims?.decide(approval, interaction.user.id);
  await claims?.enqueue(approval);
  await interaction.deferUpdate();
}
client.on(Events.InteractionCreate, (interaction) => {
  if (interaction.isButton()) void handle(interaction);
});
client.once(Events.ClientReady, () => console.log('ready'));
await client.login(token);
