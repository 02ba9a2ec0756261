/** Slack’s limits, in UTF-16 units: never fewer than the code points that Slack counts. From docs.slack.dev, unless noted. */
export const limits = Object.freeze({
  header: 150,
  /** Of one text object: section, context, label. */
  textObject: 3_000,
  contextElements: 10,
  buttons: 25,
  buttonText: 75,
  buttonValue: 2_000,
  accessibilityLabel: 75,
  viewTitle: 24,
  viewButton: 24,
  inputLabel: 2_000,
  inputHint: 2_000,
  /** Of a menu. */
  menuOptions: 100,
  /** Of radio buttons and checkboxes. */
  buttonOptions: 10,
  /** Of an option’s text and of its description. */
  optionText: 75,
  /** Range of `datetimepicker`, seconds since 1970: ten digits. */
  firstMoment: 1_000_000_000,
  lastMoment: 9_999_999_999,
  /** The largest `max_length` of `plain_text_input`. */
  inputText: 3_000,
  /**
   * All blocks of a message as JSON; above it Slack answers `msg_blocks_too_long`. Undocumented: measured as 13,200
   * (slackapi/bolt-js issue 2509), minus our margin.
   */
  messageJson: 12_500,
  /**
   * `text` next to blocks. `chat.update` refuses more than 4,000 bytes, and one character takes up to five (`&amp;`).
   */
  fallbackText: 700,
});
