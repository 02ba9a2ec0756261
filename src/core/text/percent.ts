import { numberText, type RawNumber } from './json.ts';

/** Below and above which a whole percentage would say more than is known. */
const [LOW, HIGH] = [1, 99];
/** As many as a double has. */
const DECIMALS_MAX = 15;

/**
 * A share from 0 to 1 as a percentage: `62 %`. Only 0 and 1 themselves are 0 % and 100 %: near them, the first digit that
 * differs is kept (`99.5 %`, `0.1 %`). Any other number is returned as it is.
 */
export function percent(given: number | RawNumber): string {
  const share = Number(numberText(given));
  if (!(share >= 0 && share <= 1)) return numberText(given);
  const value = share * 100;
  if (share === 0 || share === 1 || (value >= LOW && value <= HIGH)) return `${Math.round(value)} %`;
  const distance = share < 0.5 ? value : (1 - share) * 100;
  const decimals = Math.min(DECIMALS_MAX, Math.max(1, Math.ceil(-Math.log10(distance))));
  const text = value.toFixed(decimals).replace(/\.?0+$/, '');
  if (Number(text) !== 0 && Number(text) !== 100) return `${text} %`;
  return share < 0.5 ? 'more than 0 %' : 'less than 100 %';
}
