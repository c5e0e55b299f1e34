import { runTool, tryTool, type ToolResult } from '../../package/support/run-tool';
import type { JsonObject } from '../../azure/simulator/json';
import { testCluster } from './cluster-connection';

/** Runs kubectl with the test cluster. It must succeed. */
export async function kubectl(...args: string[]): Promise<string> {
  const { programs, kubeconfigFile } = testCluster();
  const { stdout } = await runTool(programs.kubectl, args, options(kubeconfigFile));
  return stdout;
}

/** Runs kubectl to its end, whatever that is. */
export function tryKubectl(...args: string[]): Promise<ToolResult> {
  const { programs, kubeconfigFile } = testCluster();
  return tryTool(programs.kubectl, args, options(kubeconfigFile));
}

/** Reads an object, or a list of objects. */
export async function getObject(...args: string[]): Promise<JsonObject> {
  return JSON.parse(await kubectl('get', ...args, '--output', 'json')) as JsonObject;
}

function options(kubeconfigFile: string) {
  return { cwd: '/', env: { KUBECONFIG: kubeconfigFile } };
}
