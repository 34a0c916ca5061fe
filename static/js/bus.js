// The one way in which panes speak with each other.

/**
 * A field of a packet on the page: the packet's scope and the field's key.
 * @typedef {{scope: string, key: string}} FieldRef
 */

/**
 * What is said on the bus:
 * - hover: the pointer or the focus is on a field; null: on none
 * - hold: a field was clicked and stays selected; null: let go
 * - packet: the packet of a scope was drawn anew
 * - open: somebody wants these bytes in the builder
 * - borrowed: other bytes than the draft's are in the builder, to be worked on
 * - event: an event of the ladder was selected, perhaps by a key that is held
 *   down; null: back to the draft
 * - build: build a packet of this type with these values, or of this form
 * - set: set a field of the draft by hand
 * - text: edit the draft as text
 * - flow: something has happened on the bench
 * - back: the server is there, perhaps again
 * @typedef {{
 *   hover: FieldRef | null,
 *   hold: FieldRef | null,
 *   packet: {scope: string},
 *   open: {hex: string},
 *   borrowed: null,
 *   event: {n: number, held?: boolean} | null,
 *   build: {type: string, version?: string, values?: Record<string, string | boolean>, form?: Record<string, any>},
 *   set: {key: string},
 *   text: null,
 *   flow: null,
 *   back: null,
 * }} Topics
 */

const target = new EventTarget();

/**
 * @template {keyof Topics} T
 * @param {T} topic
 * @param {Topics[T]} detail
 */
export function say(topic, detail) {
  target.dispatchEvent(new CustomEvent(topic, { detail }));
}

/**
 * @template {keyof Topics} T
 * @param {T} topic
 * @param {(detail: Topics[T]) => void} listener
 */
export function hear(topic, listener) {
  target.addEventListener(topic, (event) => listener(/** @type {CustomEvent<Topics[T]>} */ (event).detail));
}
