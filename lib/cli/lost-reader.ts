/**
 * Whether writing failed as nobody reads any more: `head` and `grep -q` leave when they have seen enough (EPIPE), and a
 * terminal hangs up (EIO).
 */
export function isLostReader(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'EIO';
}

/** Lets a command go on, and end with its own exit code, where what it writes is no longer read. */
export function outliveReaders(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error) => {
      if (!isLostReader(error)) {
        throw error;
      }
    });
  }
}
