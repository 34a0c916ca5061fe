// Text from the wire, made visible and inert before it is shown.

/**
 * Control characters and all that changes the direction or joins of its
 * neighbours become escapes, as the server writes them.
 * @param {string} text
 */
export function visible(text) {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const hex = (/** @type {number} */ digits) => code.toString(16).padStart(digits, "0");
    return code < 0x80 ? `\\x${hex(2)}` : code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
  });
}
