import { type Static, Type } from '@sinclair/typebox';

/** The body of every answer with a status of 400 or above (source: contract). */
export const EnvelopeSchema = Type.Object(
  {
    code: Type.String({ description: 'the HTTP status, as a string' }),
    message: Type.String({ description: 'why the request failed' }),
    details: Type.Optional(Type.Object({}, { description: 'more about the error', additionalProperties: true })),
  },
  { $id: 'Error', title: 'Error' },
);

/** The error envelope: `code` is the HTTP status as a string. */
export type Envelope = Static<typeof EnvelopeSchema>;
