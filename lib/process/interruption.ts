/** Signals with which a shell, an orchestrator or a closed terminal ends a command. */
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Returns a signal that the first interruption aborts, so that a command can report its results. A second one exits at once. */
export function interruption(): AbortSignal {
  const interrupted = new AbortController();
  const interrupt = () => {
    for (const name of INTERRUPTIONS) {
      process.off(name, interrupt);
    }
    interrupted.abort();
  };
  for (const name of INTERRUPTIONS) {
    process.on(name, interrupt);
  }
  return interrupted.signal;
}
