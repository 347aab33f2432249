#!/bin/bash
notify() { curl -fsS -d "$1" "https://ntfy.sh/${2:-backups}"; }
notify {{ .ShellEscape .Task }} errors
notify "$(printf '%s' {{ .ShellEscape .Error }} | head -c 200)" "it's"
