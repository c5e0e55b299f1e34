/** How a shell, an orchestrator or a terminal that is closed asks a command to end. */
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Is aborted by the first of these signals, so that a command can tell what it has; a second one ends it at once. */
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
