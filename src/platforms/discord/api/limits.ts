/**
 * What Discord takes, in characters unless it says otherwise. Ours are counted in UTF-16 units, which are never fewer.
 * Sources: the reference pages on messages, components and channels; discord/discord-api-spec where it names a limit.
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
  /** All texts of a message that is made of components, together. */
  displayed: 4_000,
  modalTitle: 45,
  /** Label above an input. */
  label: 45,
  labelDescription: 100,
  placeholder: 100,
  /** Of a modal, texts among them. */
  modalComponents: 5,
  /** Of a select menu; the label of each, and its description. */
  selectOptions: 25,
  optionLabel: 100,
  /** Text displays of one modal, together. */
  textDisplay: 4_000,
  threadName: 100,
  nonce: 25,
});

/** Ours, not Discord's: how much a person may write into a form. It fits back into an embed, should it be refused. */
export const ANSWER_MAX = 3_000;
