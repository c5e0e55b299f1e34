/**
 * Returns whether writing failed because the reader is gone: `head` and `grep -q` exit early (EPIPE), and a terminal hangs up
 * (EIO).
 */
export function isLostReader(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'EIO';
}

/** Lets a command continue and exit with its own exit code when its output is no longer read. */
export function outliveReaders(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error) => {
      if (!isLostReader(error)) {
        throw error;
      }
    });
  }
}
