// Makes calls with a client of oats: node program.js http://127.0.0.1:8650, then a request per line of stdin.
import { createInterface } from 'node:readline';
import { HttpError } from './fetcher';
import { type GetArtifactDetailsQueryQueryParams, getArtifactDetails } from './generated';

interface Request {
  key: string;
  registryRef: string;
  artifact: string;
  version: string;
  artifactType?: NonNullable<GetArtifactDetailsQueryQueryParams['artifact_type']>;
  childVersion?: string;
}

async function call({ key, registryRef, artifact, version, artifactType, childVersion }: Request): Promise<object> {
  try {
    const { body } = await getArtifactDetails({
      registry_ref: registryRef,
      artifact,
      version,
      queryParams: { ...(artifactType && { artifact_type: artifactType }), ...(childVersion && { childVersion }) },
      headers: { 'x-api-key': key },
    });
    return { status: 200, body };
  } catch (error) {
    if (error instanceof HttpError) return { status: error.status, body: error.body };
    return { exception: String(error) };
  }
}

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await call(JSON.parse(line)))}\n`);
}

void main();
