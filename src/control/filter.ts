import { type Static, Type } from '@sinclair/typebox';
import { stringEnum } from '../contract/values.js';
import { matchesGlob } from '../glob.js';
import { REASONS } from '../reason.js';
import { type Entry, TRIGGERS } from './exchange.js';
import { globOf, requestProperties } from './instruction.js';

/** What says which entries of the journal are meant; what is left out does not matter (source: our decision). */
export const FilterSchema = Type.Object(
  {
    ...requestProperties,
    method: Type.Optional(Type.String({ description: 'the method' })),
    target: globOf('the target as it stood on the wire'),
    status: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 599, description: 'the HTTP status, from 100 to 599' }),
    ),
    fault: Type.Optional(stringEnum(TRIGGERS, 'what set off a fault')),
    reason: Type.Optional(stringEnum(REASONS, 'why it got no 200')),
    since: Type.Optional(Type.Integer({ minimum: 0, description: 'an id; only later entries are meant' })),
  },
  { additionalProperties: false, description: 'what an entry must be, a mapping' },
);

/** What says which entries of the journal are meant. */
export type Filter = Static<typeof FilterSchema>;

/** Whether an entry is one of those that a filter means. */
export function matchesFilter(filter: Filter, entry: Entry): boolean {
  const { parameters = {} } = entry;
  const isEqual = <Value>(wanted: Value | undefined, found: Value | undefined) =>
    wanted === undefined || wanted === found;
  const fits = (glob: string | undefined, text: string | undefined) =>
    glob === undefined || (text !== undefined && matchesGlob(glob, text));
  return (
    isEqual(filter.method, entry.method) &&
    isEqual(filter.key, entry.key) &&
    isEqual(filter.session, entry.session) &&
    isEqual(filter.status, entry.status) &&
    isEqual(filter.reason, entry.reason) &&
    isEqual(filter.fault, entry.fault?.trigger) &&
    fits(filter.target, entry.target) &&
    fits(filter.ref, parameters.registry_ref) &&
    fits(filter.artifact, parameters.artifact) &&
    fits(filter.version, parameters.version)
  );
}
