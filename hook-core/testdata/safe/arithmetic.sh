#!/bin/bash
{{ with .SnapshotStats }}
mib=$(( {{ .DataAdded }} / 1048576 ))
(( mib > 1024 )) && echo "more than a GiB: ${mib} MiB"
{{ end }}
