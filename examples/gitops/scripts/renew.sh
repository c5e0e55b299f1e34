#!/usr/bin/env bash
# Orders the certificate of the service, and renews it when it is due, with the stack "certificate". Tells GitHub whether the
# certificate in the key vault has changed, in the output "renewed".
STACK=certificate
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

# Both pipelines log in with the Azure CLI. Otherwise, the provider would look for a managed identity of ARM_CLIENT_ID first.
export AZURE_AUTH_METHOD="${AZURE_AUTH_METHOD:-cli}"

init_stack
status=0
plan_into "$reports/certificate.txt" || status=$?
case $status in
  0)
    echo 'the certificate is not due for renewal'
    exit
    ;;
  2) ;;
  *) exit "$status" ;;
esac
stack_terraform apply -auto-approve -no-color
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  echo 'renewed=true' >>"$GITHUB_OUTPUT"
fi
