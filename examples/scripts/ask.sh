#!/bin/sh
# Asks for an approval, and waits for it: sh ask.sh "Deploy 1.4?" && ./deploy.sh
# ASK_URL is where Countersign listens, ASK_TOKEN a token of ASK_TOKENS or ASKERS. Needs curl (7.76 or newer) and jq.
# Exits 0 when approved, 1 when rejected, 2 otherwise.
set -eu
url=${ASK_URL:-http://127.0.0.1:3000}/api/v1/approvals

# Each call may be repeated: curl does so when it is not answered, and waits as Retry-After says.
call() {
  curl --silent --show-error --fail-with-body --retry 10 --retry-connrefused \
    --header "Authorization: Bearer $ASK_TOKEN" "$@" || exit 2
}

# One key for one question: after a lost answer, the same call does not ask twice.
key=$(date +%s)-$$
item=$(jq --null-input --arg context "$1" '{context: $context, agent_name: "ask.sh"}' |
  call --header "Idempotency-Key: $key" --data @- "$url") || { echo "$item" >&2; exit 2; }
id=$(echo "$item" | jq --raw-output .approval_id)
trap 'call --request DELETE "$url/$id" >/dev/null; exit 2' INT TERM

status=pending
while [ "$status" = pending ]; do
  item=$(call "$url/$id?wait=30") || { echo "$item" >&2; exit 2; }
  status=$(echo "$item" | jq --raw-output .status)
done
echo "$item" | jq --raw-output '[.status, .resolved_by_name // "", .reason // ""] | join(" ")'
case $status in approved) exit 0 ;; rejected) exit 1 ;; *) exit 2 ;; esac
