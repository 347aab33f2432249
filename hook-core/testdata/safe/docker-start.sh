#!/bin/sh
docker start nextcloud
{{ if .Error }}
logger -t backup -p user.err -- "$HOOK_ERROR"
{{ end }}
