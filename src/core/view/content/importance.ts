/** Which values a person has to see first. Pure. Tested in test/core/view/content/outline.test.ts. */
import { wordsOf } from '../../mask/names.ts';

/** In the singular: an amount, a recipient, an account, a target, an environment, or how many. */
const important = new Set(
  `amount sum total subtotal price cost fee value currency balance budget limit discount percent rate
  to recipient payee beneficiary receiver destination dest cc bcc email mail phone address contact customer user
  account iban bic card wallet bank sender from owner role permission scope
  target host hostname domain url uri endpoint path file folder directory resource table database db schema bucket
  repo repository branch command cmd query sql script
  env environment stage region tenant project cluster namespace production prod live
  count quantity qty number
  force dry run dryrun confirm delete destroy overwrite recursive public`.split(/\s+/),
);

export function isImportant(name: string): boolean {
  return wordsOf(name).some((word) => important.has(word));
}
