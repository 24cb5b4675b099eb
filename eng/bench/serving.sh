#!/bin/sh
# Measures serving and prints Markdown tables. usage: eng/bench/serving.sh [decide|scoring|http …]     (default: all three)
# http takes --seconds N, --rounds N, --connections N, --pin (server and load on a core each), and rules, model, batch.
set -eu
cd "$(dirname "$0")/../.."
command -v wrk >/dev/null || apt-get install -y -qq --no-install-recommends wrk >&2
dotnet build -c Release tests/Looper.Benchmarks -v q -clp:ErrorsOnly >&2
run() { artifacts/bin/Looper.Benchmarks/release/Looper.Benchmarks "$@" | grep '^|'; }
[ $# -gt 0 ] && { run "$@"; exit; }
for what in decide scoring http; do run "$what"; echo; done
