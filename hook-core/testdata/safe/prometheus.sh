#!/bin/sh
cat > /var/lib/node_exporter/backup.prom.$$ <<EOF
# HELP backup_last_success_timestamp_seconds when the last backup ended well
# TYPE backup_last_success_timestamp_seconds gauge
backup_last_success_timestamp_seconds{repo="{{ .Repo.Id }}",plan="{{ .Plan.Id }}"} $(date +%s)
{{ if .SnapshotStats }}backup_bytes{plan="{{ .Plan.Id }}"} {{ .SnapshotStats.DataAdded }}{{ end }}
EOF
mv /var/lib/node_exporter/backup.prom.$$ /var/lib/node_exporter/backup.prom
