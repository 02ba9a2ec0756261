/**
 * What Slack takes, in UTF-16 units: never less than the code points that Slack counts. From docs.slack.dev, unless a
 * line says otherwise.
 */
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
  /** Of menus, and of radio buttons and checkboxes. */
  menuOptions: 100,
  buttonOptions: 10,
  /** Of an option's text, and of its description. */
  optionText: 75,
  /** What `datetimepicker` takes, in seconds since 1970: ten digits. */
  firstMoment: 1_000_000_000,
  lastMoment: 9_999_999_999,
  /** The longest text that `plain_text_input` can be asked to take. */
  inputText: 3_000,
  /**
   * All blocks of a message as JSON, beyond which Slack answers `msg_blocks_too_long`. Undocumented: people measured
   * 13,200 (slackapi/bolt-js issue 2509); the rest is our margin.
   */
  messageJson: 12_500,
  /**
   * `text` beside blocks. `chat.update` refuses more than 4,000 bytes, and one character becomes up to five of them
   * (`&amp;`).
   */
  fallbackText: 700,
});
