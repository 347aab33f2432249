#!/bin/bash
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
printf '%s' {{ .ShellEscape .Error }} > "$tmp"
{{ range .Plan.Paths -}}
du -sh {{ $.ShellEscape . }}
{{ end -}}
wc -l < "$tmp"
