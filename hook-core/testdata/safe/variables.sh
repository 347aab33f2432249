#!/bin/bash
{{ $state := "ok" }}{{ if .Error }}{{ $state = "failed" }}{{ end }}
{{ $who := .ShellEscape .Task }}
echo "state: {{ $state }}"
echo {{ $who }} is {{ $state }}
