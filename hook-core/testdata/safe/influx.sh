curl -s -XPOST 'http://influx:8086/write?db=backup' --data-binary 'backup,plan={{ .Plan.Id }},repo={{ .Repo.Id }} duration={{ .Duration.Seconds }},added={{ .SnapshotStats.DataAdded }}i'
