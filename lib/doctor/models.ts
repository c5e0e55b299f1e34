import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { TENSORFLOW_JS_COST } from '../server/pipeline/engine/engine';
import { findFallback } from '../server/pipeline/engine/find-fallback';
import { planPipeline } from '../server/pipeline/plan';
import { readServiceDefinition } from '../service-definition';
import type { Check, Finding } from './check';

/** Checks the service definitions that a synth has written: which stages cannot run in onnxruntime, and what that costs. */
export const checkModels: Check = async ({ projectFolder }) => {
  const stacks = path.join(projectFolder, 'cdktf.out', 'stacks');
  const files = await readdir(stacks, { recursive: true }).catch(() => []);
  const findings: Finding[] = [];
  for (const file of files.filter((name) => name.endsWith('.zip')).sort()) {
    findings.push(...(await checkZip(path.join(stacks, file), file)));
  }
  return findings;
};

async function checkZip(file: string, name: string): Promise<readonly Finding[]> {
  try {
    const { definition, files } = await readServiceDefinition(file);
    const { steps } = planPipeline(definition, false);
    const stages = steps.flatMap((step) => (step.runsIn === 'workers' ? step.stages : []));
    return stages.flatMap((stage): readonly Finding[] => {
      const fallback = findFallback(stage, files);
      const [cost = '', remedy] = TENSORFLOW_JS_COST.split('; ');
      const finding = `${name}: stage '${stage.stage}': '${stage.path}' ${fallback}; ${cost}`;
      return fallback === undefined ? [] : [{ check: 'models', outcome: 'note', finding, remedy }];
    });
  } catch {
    // Another zip, or a definition that the server rejects with its own message.
    return [];
  }
}
