/** For `--import`: takes away the remedy that REMEDY names, before any of the bot's modules is loaded. */
import { mutate } from '../support/mutate.ts';
import { remedies } from './table/list.ts';

const name = process.env['REMEDY'] ?? '';
const remedy = remedies[name];
if (remedy === undefined) throw new Error(`There is no remedy “${name}”: see test/mutations/table/list.ts.`);
mutate(remedy.edits, name);
