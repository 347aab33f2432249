#!/usr/bin/python3
task = {{ .JsonMarshal .Task }}
error = {{ .JsonMarshal .Error }}
print(f"{task}: {error or 'fine'} ({{ .SnapshotId }})")
