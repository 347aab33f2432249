#!/bin/bash
{{ define "ping" }}curl -fsS https://hc.example/{{ . }}{{ end -}}
{{ if .Error }}{{ template "ping" "fail" }}{{ else }}{{ template "ping" "ok" }}{{ end }}
echo {{ block "who" . }}{{ .ShellEscape .Task }}{{ end }}
