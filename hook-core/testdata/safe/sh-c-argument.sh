#!/bin/bash
timeout 30 sh -c 'logger -t backup -- "$1"' sh {{ .ShellEscape .Task }}
