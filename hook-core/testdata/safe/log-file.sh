#!/bin/sh
echo "$(date -Is) {{ .Event }} plan={{ .Plan.Id }} snapshot={{ .SnapshotId }} took={{ .FormatDuration .Duration }}" >> /var/log/backup-hooks.log
