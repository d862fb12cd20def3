import { reachable } from '../address.js';

/** Reads the text of a value; returns undefined for a text that is none. */
type Reader<Value> = (text: string) => Value | undefined;

/** An option: its flag is `--name`, its variable `REGISTRY_MOCK_NAME`, its key in a config file `name`. */
export interface Option<Value = unknown> {
  /** Stands for the value in the help; an option without one is a switch. */
  argument?: string;
  /** What a value must be, in messages. */
  expected: string;
  description: string;
  fallback: Value;
  read: Reader<Value>;
  /** The values that are allowed, where they can be listed. */
  choices?: readonly string[];
  /** Whether the flag may be given more than once; its variable then separates the values by commas. */
  isRepeatable?: boolean;
  /** Whether values are paths; those of a config file are relative to its folder. */
  isPath?: boolean;
  /** Whether no message may show a value. */
  isSecret?: boolean;
}

/** Reads a text that is not empty. */
export const readText: Reader<string> = (text) => (text === '' || text.includes('\0') ? undefined : text);

/** Reads a host name or an address. */
export const readHost: Reader<string> = (text) =>
  /^[^/?#@\\]+$/.test(text) && URL.canParse(`http://${reachable(text)}:1`) ? text : undefined;

/** Reads a token that a header can carry. */
export const readToken: Reader<string> = (text) => (/^[!-~]+$/.test(text) ? text : undefined);

const SWITCHES = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Reads a switch. */
export const readSwitch: Reader<boolean> = (text) => SWITCHES.get(text);

/** An option that is a whole number from the least up to the most. */
export const between = (least: number, most: number): Pick<Option<number>, 'expected' | 'read'> => ({
  expected: `a whole number from ${least} to ${most}`,
  read: (text) => (/^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined),
});

/** An option that is a whole number from 0 up to the most. */
export const upTo = (most: number): Pick<Option<number>, 'expected' | 'read'> => between(0, most);

/** An option that is one of some values. */
export const choice = <const Values extends readonly string[]>(
  choices: Values,
): Pick<Option<Values[number]>, 'choices' | 'expected' | 'read'> => ({
  choices,
  expected: `one of ${choices.join(', ')}`,
  read: (text) => choices.find((value) => value === text),
});
