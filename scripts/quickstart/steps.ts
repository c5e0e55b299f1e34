import { Listr, PRESET_TIMER, type ListrTask } from 'listr2';

/** Output functions of a running step. */
export interface Step {
  /** Shows a progress message. */
  readonly say: (line: string) => void;
  /** Sets the result of the step. */
  readonly done: (title: string) => void;
}

export interface NamedStep {
  readonly title: string;
  readonly run: (step: Step) => Promise<void>;
}

/**
 * Runs steps in sequence and prints the duration of each: live on a terminal, plain lines elsewhere.
 * @throws the error of the failed step
 */
export async function runSteps(steps: readonly NamedStep[]): Promise<void> {
  let failure: unknown;
  const tasks = steps.map(({ title, run }): ListrTask => ({
    title,
    task: async (_context, task) => {
      await run({
        say: (line) => {
          task.output = line;
        },
        done: (text) => {
          task.title = text;
        },
      }).catch((error: unknown) => {
        failure = error;
        // The reason can be pages long. It is printed once, at the end.
        throw new Error('see below');
      });
    },
    rendererOptions: { outputBar: Infinity, persistentOutput: true },
  }));
  await new Listr(tasks, {
    renderer: 'default',
    fallbackRenderer: 'simple',
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: true, showErrorMessage: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
    // The default handler would end this process while Terraform still writes its state.
    registerSignalListeners: false,
  })
    .run()
    .catch((error: unknown) => {
      throw failure ?? error;
    });
}
