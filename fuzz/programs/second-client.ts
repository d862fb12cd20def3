// Makes calls with the generated client next to it. Only the oracle suite checks its types, together with the client.
import { type GetArtifactDetailsData, type GetArtifactDetailsResponses, getArtifactDetails } from './client';
import { createClient } from './client/client';

interface Call extends Pick<GetArtifactDetailsData, 'path' | 'query'> {
  key: string;
}

const [baseUrl = '', calls = ''] = process.argv.slice(2);
const client = createClient({ baseUrl });

/** The types that users of the client rely on: if the document changes them, this does not compile. */
function requireTypes({ status, data }: GetArtifactDetailsResponses[200]): void {
  status satisfies 'SUCCESS' | 'FAILURE' | 'ERROR';
  data.version satisfies string;
  data.size satisfies string | undefined;
  data.isQuarantined satisfies boolean | undefined;
  data.downloadCount satisfies number | bigint | undefined;
  data.artifactType satisfies 'model' | 'dataset' | undefined;
}

async function call({ key, ...parameters }: Call): Promise<{ status: number | undefined; body: unknown }> {
  const { data, error, response } = await getArtifactDetails({ client, auth: key, ...parameters });
  if (data !== undefined) requireTypes(data);
  else error?.message satisfies string | undefined;
  return { status: response?.status, body: data ?? error };
}

process.stdout.write(JSON.stringify(await Promise.all((JSON.parse(calls) as Call[]).map(call))));
