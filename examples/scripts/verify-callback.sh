#!/bin/sh
# The signature check of a callback, for a shell: reads the body from standard input, as it came, and exits 0 if it is genuine.
# WEBHOOK_ID, WEBHOOK_TIMESTAMP and WEBHOOK_SIGNATURE are its headers, CALLBACK_SECRET is whsec_…. Needs openssl.
set -eu
case $WEBHOOK_TIMESTAMP in '' | *[!0-9]*) exit 1 ;; esac
age=$(($(date +%s) - WEBHOOK_TIMESTAMP))
# An old callback may be a repeated one.
[ "$age" -le 300 ] && [ "$age" -ge -300 ] || exit 1
key=$(printf %s "${CALLBACK_SECRET#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
wanted=$({ printf '%s.%s.' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP"; cat; } |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)
for one in $WEBHOOK_SIGNATURE; do
  [ "$one" = "v1,$wanted" ] && exit 0
done
exit 1
