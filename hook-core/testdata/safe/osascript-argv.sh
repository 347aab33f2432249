#!/bin/bash
osascript -e 'on run argv' -e 'display notification (item 1 of argv) with title "Backup"' -e 'end run' -- "$HOOK_TASK"
