#!/bin/bash
systemd-cat -t backup -p {{ if .IsError .Event }}err{{ else }}info{{ end }} echo {{ .ShellEscape .Task }}
