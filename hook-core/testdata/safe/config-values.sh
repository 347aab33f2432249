#!/bin/sh
restic -r {{ .Repo.Uri }} snapshots --tag plan:{{ .Plan.Id }} --json | jq length
ls {{ index .Plan.Paths 0 }} "{{ range .Plan.Paths }}{{ . }} {{ end }}"
