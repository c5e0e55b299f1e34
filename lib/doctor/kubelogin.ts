import { execFile } from 'node:child_process';

import type { Check } from './check';

const TIMEOUT_MS = 20_000;

/** Checks for `kubelogin`, with which Terraform signs in to AKS clusters without local accounts. */
export const checkKubelogin: Check = async ({ env, location }) => {
  if (location === undefined) {
    return [];
  }
  const check = 'kubelogin';
  const isFound = await new Promise<boolean>((resolve) => {
    execFile('kubelogin', ['--version'], { env, timeout: TIMEOUT_MS }, (error) => {
      resolve((error as NodeJS.ErrnoException | null)?.code !== 'ENOENT');
    });
  });
  return isFound
    ? [{ check, outcome: 'passed', finding: 'kubelogin is on PATH' }]
    : [
        {
          check,
          outcome: 'note',
          finding:
            'kubelogin is not on PATH; Terraform needs it to sign in to an AKS cluster without local accounts',
          remedy: 'run az aks install-cli',
        },
      ];
};
