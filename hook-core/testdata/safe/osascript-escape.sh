#!/bin/bash
osascript -e {{ .ShellEscape (printf "display notification %s" (.AppleScriptEscape .Task)) }}
