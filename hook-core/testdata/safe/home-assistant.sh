#!/bin/bash
curl -s -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \
  -d '{"state": "{{ if .Error }}on{{ else }}off{{ end }}"}' http://ha:8123/api/states/binary_sensor.backup
