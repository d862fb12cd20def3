import { maxHeaderSize } from 'node:http';

/** The origin form, `*`, and the absolute form, in the characters that Node's HTTP parser lets through. */
const SENDABLE = /^(?:[/*][!-~]*|[a-z]+:\/\/(?![^/?]*@@)[\w.~!$&'()*+,;=:@[\]%-]*(?:[/?][!-~]*)?)$/i;

/**
 * Whether a target can be sent at all: a space, a control character or a raw letter beyond ASCII ends it for a parser.
 * What stands behind as many bytes as the parser takes in front of a body is not looked at.
 */
export function isSendable(target: string, maxHeaderBytes = maxHeaderSize): boolean {
  return SENDABLE.test(target.slice(0, maxHeaderBytes));
}

/** Whether a target alone exceeds what the parser takes in front of a body, in bytes. */
export function isTooLong(target: string, maxHeaderBytes = maxHeaderSize): boolean {
  return target.length >= maxHeaderBytes;
}
