import { loadOptionalPackage } from '../optional-packages';

type Core = typeof import('@tensorflow/tfjs-core');

/**
 * TensorFlow.js with its WebAssembly backend. Call it in a worker thread only: it computes on the thread
 * that calls it.
 * @param stage the stage that needs it, for messages
 */
export async function loadTfjs(stage: string): Promise<Core> {
  const core = loadOptionalPackage(stage, '@tensorflow/tfjs-core') as Core;
  loadOptionalPackage(stage, '@tensorflow/tfjs-backend-wasm');
  await core.setBackend('wasm');
  await core.ready();
  return core;
}
