/**
 * Discord’s limits, in characters unless noted. We count UTF-16 units, which are never fewer.
 * Sources: the reference pages on messages, components and channels; discord/discord-api-spec.
 */
export const limits = Object.freeze({
  content: 2_000,
  embedTitle: 256,
  embedDescription: 4_096,
  /** Buttons in one row. */
  rowButtons: 5,
  /** Rows of one message. */
  rows: 5,
  buttonLabel: 80,
  /** All text displays of a message together. */
  messageText: 4_000,
  modalTitle: 45,
  /** Label above an input. */
  label: 45,
  labelDescription: 100,
  placeholder: 100,
  /** Of a modal, with its text displays. */
  modalComponents: 5,
  /** Of a select menu; the label of each, and its description. */
  selectOptions: 25,
  optionLabel: 100,
  /** Text displays of one modal, together. */
  textDisplay: 4_000,
  threadName: 100,
  nonce: 25,
});

/** Our own limit for an answer in a form: it fits into an embed if it has to be returned. */
export const ANSWER_MAX = 3_000;
