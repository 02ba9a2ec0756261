/** A calendar has no settings: its address is in the policy's file. */
export const settings = {};
export const needs = '';

export interface IcalConfig {
  secrets: readonly string[];
}

export function read(): IcalConfig {
  return { secrets: [] };
}
