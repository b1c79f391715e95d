#!/usr/bin/env bash
# Whether the real Azure CLI takes the commands that kmscope prints: its parser runs before it asks for a login.
# Not in CI: the CLI takes 730 MB.
#   python3 -m venv /somewhere && /somewhere/bin/pip install azure-cli
#   AZ=/somewhere/bin/az bench/az_syntax.sh
set -euo pipefail
cd "$(dirname "$0")/.."
az=${AZ:-az}
kmscope=${KMSCOPE:-target/release/kmscope}
[ -x "$kmscope" ] || cargo build --release --quiet -p kmscope
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export AZURE_CONFIG_DIR=$work/az AZURE_CORE_COLLECT_TELEMETRY=no
route() { echo "{\"addressPrefix\": [\"$1\"], \"nextHopType\": \"$2\", \"nextHopIpAddress\": [$4], \"name\": \"$5\", \"source\": \"$3\", \"state\": \"Active\"}"; }
echo "{\"value\": [$(route 0.0.0.0/0 VirtualNetworkGateway User '' default), $(route 40.83.235.53/32 VirtualAppliance User '"10.0.0.4"' to-fw)]}" > "$work/user.json"
echo "{\"value\": [$(route 0.0.0.0/0 VirtualNetworkGateway VirtualNetworkGateway '' '')]}" > "$work/bgp.json"
fix() { "$kmscope" azure fix --resource-group rg --vnet vnet --subnet subnet --as az "$@"; }
{
  fix --routes "$work/user.json" --route-table rt
  fix --routes "$work/user.json" --route-table rt --undo
  fix --routes "$work/bgp.json" --location westeurope
  fix --routes "$work/bgp.json" --undo
  { "$kmscope" diagnose "$work/user.json" --format json || true; } | python3 -c '
import json, sys
for finding in json.load(sys.stdin)["findings"]:
    for remedy in finding["remedies"]:
        for line in [c for s in remedy["steps"] if s["shell"] == "az" for c in s["commands"]] + remedy["undo"]:
            if line.startswith("az "):
                print(line.replace("<", "").replace(">", ""))'
} | grep '^az ' | sort -u > "$work/commands"
wrong=0
while read -r _ command; do
  # shellcheck disable=SC2086
  said=$("$az" $command 2>&1 < /dev/null || true)
  case $said in
    *"az login"*) ;;
    *) wrong=$((wrong + 1)); printf 'az %s\n%s\n\n' "$command" "$said" ;;
  esac
done < "$work/commands"
echo "$(wc -l < "$work/commands") commands, $wrong that the Azure CLI does not take"
[ "$wrong" -eq 0 ]
