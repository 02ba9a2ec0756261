#!/bin/sh
# /usr/local/sbin/countersign: the commands as the service runs, with its user, its settings, its policy file and its database.
# A file that only the caller can read comes from the input: countersign policy check --file - < countersign.yml
cd /etc/countersign || exit 1
exec setpriv --reuid=countersign --regid=countersign --init-groups \
  env DATABASE_URL=file:/var/lib/countersign/countersign.db CACHE_DIRECTORY=/var/cache/countersign \
  /opt/countersign/bin/countersign "$@"
