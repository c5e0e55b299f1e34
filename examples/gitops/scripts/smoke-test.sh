#!/usr/bin/env bash
# Tests the service that is deployed, and writes reports: reports/smoke-test.xml (JUnit) and reports/smoke-test.html.
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
# On Azure the key is an output; on this machine the target names its file.
if key=$(stack_terraform output -raw primary_key 2>/dev/null); then
  options+=(--key-env SCORING_KEY)
fi
# The outputs hold the key, too: they go through a pipe, and into no file. The key by itself is in the environment of the
# smoke test, and of no other command.
stack_terraform output -json |
  SCORING_KEY=$key tool cdktf-brainwave smoke-test "$sample" --outputs - "${options[@]}"
