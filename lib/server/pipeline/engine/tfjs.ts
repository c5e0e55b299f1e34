import { loadOptionalPackage } from '../optional-packages';

type Core = typeof import('@tensorflow/tfjs-core');

/**
 * Loads TensorFlow.js with its WebAssembly backend. Call this only in a worker thread: TensorFlow.js computes on the
 * calling thread.
 * @param stage name of the stage that needs it, for messages
 */
export async function loadTfjs(stage: string): Promise<Core> {
  const core = loadOptionalPackage(stage, '@tensorflow/tfjs-core') as Core;
  loadOptionalPackage(stage, '@tensorflow/tfjs-backend-wasm');
  await core.setBackend('wasm');
  await core.ready();
  return core;
}
