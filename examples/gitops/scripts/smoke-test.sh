#!/usr/bin/env bash
# Tests the deployed service and writes reports: reports/smoke-test.xml (JUnit) and reports/smoke-test.html.
# shellcheck source=common.sh
. "$(dirname "$0")/common.sh"

sample=${SMOKE_TEST_SAMPLE:-../quickstart/images/chelsea.png}
label=${SMOKE_TEST_LABEL:-tiger cat}
labels=${SMOKE_TEST_LABELS:-../quickstart/models/imagenet-labels.txt}

options=(--expect-label "$label" --labels-file "$labels" --warm-calls-count 20)
options+=(--report "junit=$reports/smoke-test.xml" --report "html=$reports/smoke-test.html")
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  options+=(--report github)
fi

init_stack
# On Azure, the key is an output; on the local machine, the target contains the path of the key file.
if key=$(stack_terraform output -raw primary_key 2>/dev/null); then
  options+=(--key-env SCORING_KEY)
fi
# The outputs contain the key, so they are piped and never written to a file. The key is passed only in the environment of
# the smoke test.
stack_terraform output -json |
  SCORING_KEY=$key tool cdktf-brainwave smoke-test "$sample" --outputs - "${options[@]}"
