/** How long files must be unchanged before they are loaded, in milliseconds; an editor writes more than once. */
const QUIET = 100;

/**
 * Watches files and folders. Changes that come together cause one call of `onChange`; `onError` gets an error of the
 * system. Returns a function that stops watching.
 */
export async function watchFixtures(
  paths: readonly string[],
  onChange: () => void,
  onError: (error: unknown) => void,
): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar');
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch([...paths], { ignoreInitial: true, atomic: true });
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET);
  });
  watcher.on('error', onError);
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return () => {
    clearTimeout(timer);
    return watcher.close();
  };
}
