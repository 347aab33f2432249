#!/bin/bash
{{ with .SnapshotStats -}}
echo "added {{ $.FormatSizeBytes .DataAdded }} in {{ .TotalDuration }}s, {{ .FilesNew }} new files"
echo added={{ .DataAdded }} files={{ .FilesNew }} total={{ $.FormatSizeBytes .TotalBytesProcessed }}
{{ end -}}
