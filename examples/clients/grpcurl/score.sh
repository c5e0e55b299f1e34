#!/usr/bin/env bash
# Scores an image with grpcurl and prints the answer as JSON, with the probabilities in floatVal:
#   SCORING_KEY=… ./score.sh ADDRESS:PORT HOSTNAME ROOTS.pem IMAGE
# Set PROTO to use a different folder with the proto files. The server needs no reflection.
set -euo pipefail
[ $# -eq 4 ] || { echo 'usage: score.sh ADDRESS:PORT HOSTNAME ROOTS.pem IMAGE, with the key in SCORING_KEY' >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
# -expand-headers keeps the key out of the process list, and -d @ keeps the image out of the command line.
base64 <"$4" | tr -d '\n' |
  sed 's|.*|{"inputs":{"images":{"dtype":"DT_STRING","tensorShape":{"dim":[{"size":"1"}]},"stringVal":["&"]}}}|' |
  grpcurl -cacert "$3" -authority "$2" -expand-headers -H 'authorization: ${SCORING_KEY}' -max-time 30 -d @ \
    -import-path "${PROTO:-$here/../../../proto}" -proto tensorflow_serving/apis/prediction_service.proto \
    "$1" tensorflow.serving.PredictionService/Predict
