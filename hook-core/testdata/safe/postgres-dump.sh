#!/bin/bash
set -euo pipefail
mkdir -p /var/backups/pg
for db in $(psql -At -U postgres -c 'SELECT datname FROM pg_database WHERE NOT datistemplate'); do
  pg_dump -U postgres -Fc "$db" > "/var/backups/pg/${db}.dump.tmp"
  mv "/var/backups/pg/${db}.dump.tmp" "/var/backups/pg/${db}.dump"
done
