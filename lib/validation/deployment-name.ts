/** Header with which a call selects a deployment of an Azure ML online endpoint. */
export const DEPLOYMENT_HEADER = 'azureml-model-deployment';

/** What {@link isDeploymentName} accepts, for messages. */
export const DEPLOYMENT_NAME = '3 to 32 letters, digits and "-", starting with a letter, not ending with "-"';

/**
 * Whether Azure ML accepts the name of a deployment or of an endpoint.
 * @see https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas (names of endpoints and deployments)
 */
export function isDeploymentName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]{1,30}[A-Za-z0-9]$/.test(name);
}
