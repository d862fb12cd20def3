import { maxHeaderSize } from 'node:http';

/** The origin form, `*`, and the absolute form, in the characters that Node's HTTP parser lets through. */
const SENDABLE = /^(?:[/*][!-~]*|[a-z]+:\/\/(?![^/?]*@@)[\w.~!$&'()*+,;=:@[\]%-]*(?:[/?][!-~]*)?)$/i;

/** Whether a target can be sent at all: a space, a control character or a raw letter beyond ASCII ends it for a parser. */
export function isSendable(target: string): boolean {
  return SENDABLE.test(target.slice(0, maxHeaderSize));
}

/** Whether a target alone exceeds what Node's HTTP parser takes. */
export function isTooLong(target: string): boolean {
  return target.length >= maxHeaderSize;
}
