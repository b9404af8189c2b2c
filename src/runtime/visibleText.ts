/**
 * Control characters (and with them every escape sequence), line separators, lone surrogates, and invisible characters
 * such as those that change the direction of text; but not the joiners that emoji and some scripts need.
 */
const steering = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu;

/**
 * Makes somebody else's text safe for a terminal or a log: writes every character that could clear the screen, forge
 * another line or reorder text as a JSON escape. JSON stays valid JSON.
 * @see https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
export function visibleText(text: string): string {
  return text.replace(steering, (found) =>
    found.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
