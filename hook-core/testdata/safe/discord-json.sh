#!/bin/bash
curl -fsS -H 'Content-Type: application/json' -d {{ .ShellEscape (printf "{\"content\": %s}" (.JsonMarshal .Summary)) }} https://discord.example/webhook
