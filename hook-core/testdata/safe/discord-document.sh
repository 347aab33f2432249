#!/bin/bash
curl -fsS -H 'Content-Type: application/json' -d @- https://discord.example/webhook <<'JSON'
{"content": {{ .JsonMarshal .Summary }}, "username": "backup {{ .Plan.Id }}"}
JSON
