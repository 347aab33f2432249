mosquitto_pub -h broker -t "backup/{{ .Plan.Id }}/state" -m '{"event":"{{ .EventName .Event }}","snapshot":"{{ .SnapshotId }}"}'
