#!/usr/bin/env bash
# Builds everything once and runs every test. Last line: N passed, N failed, N skipped.
# Usage: eng/test.sh [--long] [--no-browser] [PROJECT…]     PROJECT: a folder name under tests/, or clients/javascript
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDTERMINALLOGGER=off
configuration="${LOOPER_TEST_CONFIGURATION:-Release}"
browser=yes
javascript=no
projects=()
for argument in "$@"; do
  case "$argument" in
    --long) export LOOPER_TEST_LONG=1 ;;
    --no-browser) browser=no ;;
    clients/javascript) javascript=yes ;;
    -*) echo "unknown option $argument" >&2; exit 2 ;;
    *) projects+=("$argument") ;;
  esac
done
passed=0 failed=0 skipped=0
finish() { wait; echo "$passed passed, $failed failed, $skipped skipped"; [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]; exit $?; }
give_up() { echo "$1" >&2; failed=$((failed + 1)); finish; }

# Debian packages, only where missing. No service may start because a package was installed.
install() {
  local guard=/usr/sbin/policy-rc.d made=no attempt
  if [ ! -e "$guard" ]; then printf '#!/bin/sh\nexit 101\n' >"$guard" && chmod +x "$guard" && made=yes; fi
  for attempt in 1 2 3; do
    { [ "$attempt" -gt 1 ] || [ -z "$(ls /var/lib/apt/lists/*_Packages* 2>/dev/null)" ]; } && apt-get update -qq </dev/null
    if DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null; then break; fi
    echo "installing $* failed, attempt $attempt of 3" >&2
    sleep $((attempt * 5))
  done
  [ "$made" = yes ] && rm -f "$guard"
}
missing=() installing=
if [ "$browser" = yes ] && ! command -v chromium >/dev/null; then missing+=(chromium fonts-dejavu-core); fi
if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then missing+=(postgresql); fi
if [ ${#missing[@]} -gt 0 ]; then
  # Beside the build, which needs none of them.
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then install "${missing[@]}" & installing=$!; else echo "missing: ${missing[*]}" >&2; fi
fi

echo "== restore"
restored=no
for attempt in 1 2 3; do
  if dotnet restore Looper.sln --locked-mode -v q </dev/null; then restored=yes; break; fi
  echo "restore failed, attempt $attempt of 3" >&2
  sleep $((attempt * 5))
done
[ "$restored" = yes ] || give_up "The packages could not be restored."

if [ ${#projects[@]} -eq 0 ] && [ "$javascript" = no ]; then
  javascript=yes
  for file in tests/*/*.Tests.csproj; do projects+=("$(basename "$(dirname "$file")")"); done
fi
results=artifacts/test-results
rm -rf "$results" && mkdir -p "$results"
count() { grep -o "$2=\"[0-9]*\"" "$1" | head -n 1 | grep -o '[0-9]*'; }
# NAME PROJECT [xunit arguments…]: runs one test program.
execute() {
  local name="$1" project="$2"
  shift 2
  "artifacts/bin/$project/${configuration,,}/$project" "$@" -trx "$results/${name// /-}.trx" -reporter quiet -noLogo </dev/null
}
# NAME CODE STARTED: adds up what came out of it.
tally() {
  local name="$1" code="$2" started="$3" report="$results/${1// /-}.trx" p f n s
  if [ ! -s "$report" ] || ! grep -q '<Counters ' "$report"; then
    echo "$name ended with code $code and left no results: it crashed or has no tests." >&2
    failed=$((failed + 1))
    return
  fi
  p=$(count "$report" passed) f=$(count "$report" failed) n=$(count "$report" total)
  s=$((n - p - f))
  if [ "$f" -eq 0 ] && [ "$code" -ne 0 ]; then echo "$name ended with code $code." >&2; f=1; fi
  echo "$name: $p passed, $f failed, $s skipped in $((SECONDS - started)) s"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}
run() {
  local started=$SECONDS
  echo "== $1"
  execute "$@"
  tally "$1" $? "$started"
}
# NAME PROJECT [xunit arguments…]: runs it beside what comes next, until it is ended by its name.
declare -A running=() since=()
begin() {
  execute "$@" >"$results/${1// /-}.txt" 2>&1 &
  running["$1"]=$! since["$1"]=$SECONDS
}
# NAME: waits for it and counts its results; nothing where it was not begun.
end() {
  local code=0
  if [ -z "${running[$1]:-}" ]; then return; fi
  wait "${running[$1]}" || code=$?
  echo "== $1"
  cat "$results/${1// /-}.txt"
  tally "$1" "$code" "${since[$1]}"
  running["$1"]=
}
# PROJECT FOLDER…: the arguments for those classes in the folders that make a database. What the others compute is the same on every one.
with_database() {
  local project="$1" folder
  shift
  for folder in "$@"; do grep -lw TestDatabase "tests/$project/$folder"/*.cs; done | sed 's|^tests/||; s|\.cs$||; s|/|.|g; s|^|-class |'
}
# The JavaScript client's tests, with node alone: a file that crashes is one that failed.
run_javascript() {
  local name=clients/javascript started=$SECONDS report="$PWD/$results/clients-javascript.tap" code=0 p f s
  echo "== $name"
  if ! command -v node >/dev/null; then
    echo "$name: skipped, because node is not installed here."
    skipped=$((skipped + 1))
    return
  fi
  (cd "$name" && LOOPER_TEST_SERVER="$OLDPWD/artifacts/bin/Looper.Web/${configuration,,}/Looper.Web.dll" node --test --test-reporter=tap test/*.test.js </dev/null >"$report") || code=$?
  said() { sed -n "s/^# $1 \([0-9]*\)\$/\1/p" "$report" | tail -n 1 | grep . || echo 0; }
  p=$(said pass) f=$(($(said fail) + $(said cancelled))) s=$(($(said skipped) + $(said todo)))
  if [ "$f" -eq 0 ] && { [ "$code" -ne 0 ] || [ $((p + s)) -eq 0 ]; }; then echo "$name ended with code $code: it crashed or has no tests." >&2; f=1; fi
  if [ "$f" -gt 0 ]; then grep -A 30 '^not ok' "$report"; fi
  echo "$name: $p passed, $f failed, $s skipped in $((SECONDS - started)) s"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}
build() { dotnet build "$1" --no-restore -c "$configuration" -v q -p:CompressionEnabled=false -warnaserror </dev/null || give_up "The build failed."; }
installed() { if [ -n "$installing" ]; then wait "$installing"; fi; }
core=Looper.Core.Tests
# The tests of the core need nothing of the rest, which is compiled beside them.
if [[ " ${projects[*]} " == *" $core "* ]]; then
  echo "== build $configuration, $core first"
  build "tests/$core"
  installed
  begin "$core" "$core"
fi
echo "== build $configuration"
build Looper.sln
installed
ends=Looper.EndToEnd.Tests campaign=$ends.Hillstrom load=$ends.Load screens=$ends.Screens
# The replay of the campaign mostly waits for outcome windows of a minute to close: it does so beside the first of the others.
if [[ " ${projects[*]} " == *" $ends "* ]]; then begin "$ends, the campaign" "$ends" -namespace "$campaign"; fi
for project in "${projects[@]}"; do
  rest=()
  if [ "$project" = "$ends" ]; then
    end "$ends, the campaign"
    run "$ends, under load" "$ends" -namespace "$load" # by itself: it measures
    begin "$ends, the screens" "$ends" -namespace "$screens" # kills and outages mostly wait too
    rest=(-namespace- "$campaign" -namespace- "$load" -namespace- "$screens")
  fi
  if [ -n "${running[$project]:-}" ]; then end "$project"; else run "$project" "$project" "${rest[@]}"; fi
  # A part of the same tests on PostgreSQL: what reads and writes the database most. --long runs them all.
  if ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then continue; fi
  part=()
  case "$project" in
    Looper.Core.Tests) part=($(with_database "$project" Access Experiments)) ;;
    Looper.Web.Tests) part=(-class Looper.Web.Tests.Access.SetupTests -class Looper.Web.Tests.Access.SessionTests -class Looper.Web.Tests.Decisions.DraftsApiTests -class Looper.Web.Tests.ExperimentsApiTests -class Looper.Web.Tests.Api.DecisionsApiTests) ;;
    *) continue ;;
  esac
  if [ "${LOOPER_TEST_LONG:-}" = 1 ]; then part=(); fi
  LOOPER_TEST_DATABASE=Postgres run "$project on PostgreSQL" "$project" "${part[@]}"
done
end "$ends, the screens"
if [ "$javascript" = yes ]; then run_javascript; fi # by itself: it measures
finish
