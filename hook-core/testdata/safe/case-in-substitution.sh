#!/bin/sh
level=$(case "$HOOK_CONDITION" in *_ERROR) echo err;; *) echo info;; esac)
logger -p "user.$level" -- "$HOOK_TASK"
