import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import {
  type ArtifactDetailResponse,
  ArtifactDetailResponseSchema,
  ArtifactDetailSchema,
} from '../src/contract/details.js';
import { type Envelope, EnvelopeSchema } from '../src/contract/envelope.js';

const DetailsSchema = Type.Object({ ...ArtifactDetailResponseSchema.properties, data: ArtifactDetailSchema });

const StrictEnvelopeSchema = Type.Object(EnvelopeSchema.properties, { additionalProperties: false });

/** Whether a body is that of a 200 of the contract; the vendor's other fields may be in its data. */
export const isDetails = (body: unknown): body is ArtifactDetailResponse => Value.Check(DetailsSchema, body);

/** Whether a body is the contract's envelope of a status, and nothing more. */
export const isEnvelope = (body: unknown, status: number): body is Envelope =>
  Value.Check(StrictEnvelopeSchema, body) && body.code === String(status);

/** Parses JSON; returns undefined for a text that is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
