#!/bin/sh
# Trains and scores the same rows with Looper and with XGBoost, turn about (A B B A), and prints every run and the median of the paired ratios.
# usage: eng/bench/learning.sh [ROWS] [TREES] [LEAVES] [THREADS] [PAIRS]
set -eu
cd "$(dirname "$0")/../.."
rows=${1:-1000000} trees=${2:-200} leaves=${3:-63} threads=${4:-2} pairs=${5:-3}
/usr/bin/python3 -c 'import xgboost' 2>/dev/null || apt-get install -y -qq --no-install-recommends python3-xgboost python3-sklearn
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release tests/Looper.Benchmarks -v q -clp:ErrorsOnly >&2
/usr/bin/python3 eng/bench/learning.py make "$rows" "$work"
ours() { dotnet artifacts/bin/Looper.Benchmarks/release/Looper.Benchmarks.dll learning --data "$work" --trees "$trees" --leaves "$leaves" --threads "$threads"; }
theirs() { /usr/bin/python3 eng/bench/learning.py run "$work" "$trees" "$leaves" "$threads"; }
pair=1
while [ "$pair" -le "$pairs" ]; do
  if [ $((pair % 2)) -eq 1 ]; then ours; theirs; else theirs; ours; fi
  pair=$((pair + 1))
done | tee "$work/runs"
/usr/bin/python3 eng/bench/learning.py compare "$work/runs"
