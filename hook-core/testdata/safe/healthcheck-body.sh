#!/bin/sh
curl -fsS -m 10 --data-raw "$HOOK_ERROR" https://hc-ping.com/your-uuid/{{ if .IsError .Event }}fail{{ else }}0{{ end }}
