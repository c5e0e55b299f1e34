# shellcheck shell=bash
# Sourced in an AzureCLI@2 task whose service connection uses workload identity federation. Lets Terraform request tokens
# from Azure DevOps whenever it needs one. The task sets the variables on the right.
export ARM_USE_OIDC=true
export ARM_CLIENT_ID="${AZURESUBSCRIPTION_CLIENT_ID:?must be set by the task AzureCLI@2}"
export ARM_TENANT_ID="${AZURESUBSCRIPTION_TENANT_ID:?must be set by the task AzureCLI@2}"
export ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID="${AZURESUBSCRIPTION_SERVICE_CONNECTION_ID:?must be set by the task AzureCLI@2}"
export ARM_OIDC_REQUEST_TOKEN="${SYSTEM_ACCESSTOKEN:?map it in the task: env: SYSTEM_ACCESSTOKEN: \$(System.AccessToken)}"
export ARM_OIDC_REQUEST_URL="${SYSTEM_OIDCREQUESTURI:?must be set by the agent}"
