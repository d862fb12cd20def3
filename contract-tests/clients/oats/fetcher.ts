// The generated fetcher drops the query and has no base URL, so an application brings its own.

export interface FetcherOptions<TQueryParams = never, TBody = never, THeaderParams = HeadersInit>
  extends Omit<RequestInit, 'body' | 'headers'> {
  url: string;
  queryParams?: TQueryParams extends never ? undefined : TQueryParams;
  body?: TBody extends never ? undefined : TBody;
  headers?: THeaderParams;
}

/** An answer with another status than 200. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(`status ${status}`);
  }
}

export async function fetcher<TResponse, TQueryParams = never, TBody = never, THeaderParams = HeadersInit>({
  url,
  queryParams,
  method = 'GET',
  headers,
  signal = null,
}: FetcherOptions<TQueryParams, TBody, THeaderParams>): Promise<{ body: TResponse; headers: Headers }> {
  const query = new URLSearchParams(queryParams as Record<string, string> | undefined).toString();
  const target = process.argv[2] + url + (query && `?${query}`);
  const response = await fetch(target, { method, headers: headers as HeadersInit, signal });
  const isJson = response.headers.get('content-type') === 'application/json';
  if (response.status !== 200) throw new HttpError(response.status, await (isJson ? response.json() : response.text()));
  return { body: await response.json(), headers: response.headers };
}
