#!/bin/sh
task={{ .ShellEscape .Task }}
error={{ .ShellEscape .Error }}
[ -n "$error" ] && echo "$task: $error" >&2
