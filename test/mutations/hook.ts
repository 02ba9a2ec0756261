/** For `--import`: applies the mutation that MUTATION names, before any module of the bot is loaded. */
import { mutate } from '../support/mutate.ts';
import { mutations } from './table/list.ts';

const name = process.env['MUTATION'] ?? '';
const mutation = mutations[name];
if (mutation === undefined) throw new Error(`There is no mutation “${name}”: see test/mutations/table/list.ts.`);
mutate(mutation.edits, name);
