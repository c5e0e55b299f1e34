import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { JsonObject } from '../../azure/simulator/json';
import { withoutProvider } from '../manifests/without-provider';
import { testCluster } from './cluster-connection';

/** Replaces the resources of the kubernetes provider in the folder of a synthesized stack, if the provider is not available. */
export function convertStack(folder: string): void {
  if (testCluster().providers === undefined) {
    const file = path.join(folder, 'cdk.tf.json');
    const stack = JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
    writeFileSync(file, JSON.stringify(withoutProvider(stack), undefined, 2));
  }
}

/** Environment variables with which Terraform reaches the test cluster. */
export function terraformEnvironment(): NodeJS.ProcessEnv {
  const { providers, kubeconfigFile, programs } = testCluster();
  return {
    PATH: `${path.dirname(programs.kubectl)}${path.delimiter}${process.env.PATH ?? ''}`,
    KUBECONFIG: kubeconfigFile,
    ...(providers !== undefined && { TF_CLI_CONFIG_FILE: providers }),
  };
}
