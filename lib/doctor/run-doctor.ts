import { checkAzureLogin } from './azure-login';
import { checkAzureRoles } from './azure-roles';
import { checkCdktf } from './cdktf-version';
import type { Check, DoctorOptions, Finding } from './check';
import { checkClock } from './clock';
import { checkEngines } from './engines';
import { checkKubelogin } from './kubelogin';
import { checkKubernetes } from './kubernetes';
import { checkModels } from './models';
import { checkNode } from './node-version';
import { checkPort } from './port';
import { checkProviderBindings } from './provider-bindings';
import { checkTerraform } from './terraform';
import { checkVmQuota } from './vm-quota';

const CHECKS: readonly Check[] = [
  checkNode,
  checkTerraform,
  checkCdktf,
  checkProviderBindings,
  checkEngines,
  checkModels,
  checkPort,
  checkClock,
  checkKubernetes,
  checkKubelogin,
  checkAzureLogin,
  checkAzureRoles,
  checkVmQuota,
];

/** Runs all checks in parallel and returns their findings in the order of the checks. */
export async function runDoctor(options: DoctorOptions): Promise<Finding[]> {
  return (await Promise.all(CHECKS.map((check) => check(options)))).flat();
}
