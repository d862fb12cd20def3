import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import {
  type ArtifactDetailResponse,
  ArtifactDetailResponseSchema,
  ArtifactDetailSchema,
  type Envelope,
  ErrorSchema,
} from '../src/api/schema.js';

const DetailsSchema = Type.Object({ ...ArtifactDetailResponseSchema.properties, data: ArtifactDetailSchema });

const StrictErrorSchema = Type.Object(ErrorSchema.properties, { additionalProperties: false });

/** Whether a body is the contract's 200; its data may have further fields. */
export const isDetails = (body: unknown): body is ArtifactDetailResponse => Value.Check(DetailsSchema, body);

/** Whether a body is the contract's envelope of a status, without further members. */
export const isEnvelope = (body: unknown, status: number): body is Envelope =>
  Value.Check(StrictErrorSchema, body) && body.code === String(status);

/** Parses JSON; returns undefined for other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
