import { type Static, Type } from '@sinclair/typebox';
import { stringEnum } from '../contract/values.js';
import { matchesGlob } from '../glob.js';
import { REASONS } from '../reason.js';
import { type DescribeRefusal, type Exchange, readParameters, TRIGGERS } from './exchange.js';
import { globOf, requestProperties } from './instruction.js';

/** What says which entries of the journal are meant; what is left out does not matter (source: our decision). */
export const FilterSchema = Type.Object(
  {
    ...requestProperties,
    method: Type.Optional(Type.String({ pattern: '^[A-Z]+(?:-[A-Z]+)*$', description: 'the method, in capitals' })),
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

/** Whether an exchange is one of those that a filter means; what costs more is looked at last, and only if it matters. */
export function matchesFilter(filter: Filter, exchange: Exchange, describeRefusal: DescribeRefusal): boolean {
  const isEqual = <Value>(wanted: Value | undefined, found: Value | undefined) =>
    wanted === undefined || wanted === found;
  const { target, reason } = exchange;
  return (
    isEqual(filter.method, exchange.method) &&
    isEqual(filter.key, exchange.key) &&
    isEqual(filter.session, exchange.session) &&
    isEqual(filter.status, exchange.status) &&
    isEqual(filter.fault, exchange.fault?.trigger) &&
    (filter.target === undefined || matchesGlob(filter.target, target)) &&
    matchesNames(filter, target) &&
    (filter.reason === undefined ||
      (reason !== undefined && describeRefusal({ target, reason }).reason === filter.reason))
  );
}

function matchesNames({ ref, artifact, version }: Filter, target: string): boolean {
  if (ref === undefined && artifact === undefined && version === undefined) return true;
  const found = readParameters(target);
  const fits = (glob: string | undefined, name: string | undefined) =>
    glob === undefined || (name !== undefined && matchesGlob(glob, name));
  return fits(ref, found?.registry_ref) && fits(artifact, found?.artifact) && fits(version, found?.version);
}
