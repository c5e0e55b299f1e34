import { Listr, PRESET_TIMER, type ListrTask } from 'listr2';

/** What a step may do while it runs. */
export interface Step {
  /** Shows a line of what happens. */
  readonly say: (line: string) => void;
  /** Says what came out of the step. */
  readonly done: (title: string) => void;
}

export interface NamedStep {
  readonly title: string;
  readonly run: (step: Step) => Promise<void>;
}

/**
 * Runs steps one after the other, each with its time: live on a terminal, plain lines elsewhere.
 */
export async function runSteps(steps: readonly NamedStep[]): Promise<void> {
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
      });
    },
    rendererOptions: { outputBar: Infinity, persistentOutput: true },
  }));
  await new Listr(tasks, {
    renderer: 'default',
    fallbackRenderer: 'simple',
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: true, showErrorMessage: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
}
