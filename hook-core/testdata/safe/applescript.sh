#!/usr/bin/osascript
display notification {{ .AppleScriptEscape .Task }} with title "Backup"
