#!/usr/bin/env bash
# Writes the migrations again from the model, for every database. Until the first release there is one, Initial;
# give another NAME to add one instead.
set -euo pipefail
cd "$(dirname "$0")/.."
name="${1:-Initial}"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if [ "$name" = Initial ]; then rm -rf Looper.Core/Persistence/{Sqlite,SqlServer,Postgres}/Migrations; fi
dotnet tool restore >/dev/null
if ! dotnet build eng/Migrations -v q -clp:ErrorsOnly --nologo; then
  git checkout -q -- Looper.Core/Persistence
  exit 1
fi
for database in Sqlite SqlServer Postgres; do
  dotnet ef migrations add "$name" --no-build --context "${database}LooperDb" \
    --project Looper.Core --startup-project eng/Migrations --output-dir "Persistence/$database/Migrations"
  if [ "$name" = Initial ]; then # one fixed id, so that writing it again changes only what the model changed
    for file in "Looper.Core/Persistence/$database/Migrations/"*_Initial*.cs; do
      sed -E -i 's/[0-9]{14}_Initial/20261122000000_Initial/' "$file"
      mv "$file" "$(echo "$file" | sed -E 's/[0-9]{14}_Initial/20261122000000_Initial/')"
    done
  fi
done
