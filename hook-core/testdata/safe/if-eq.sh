#!/bin/sh
{{ if eq .Plan.Id "home" }}echo 'home it is'{{ else }}echo "it's {{ .Plan.Id }}"{{ end }}
