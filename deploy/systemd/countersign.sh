#!/bin/sh
# /usr/local/sbin/countersign: the commands as the service runs, with its user, its settings and its database.
cd /etc/countersign || exit 1
exec setpriv --reuid=countersign --regid=countersign --init-groups \
  env DATABASE_URL=file:/var/lib/countersign/countersign.db CACHE_DIRECTORY=/var/cache/countersign \
  /opt/countersign/bin/countersign "$@"
