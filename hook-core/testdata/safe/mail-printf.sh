#!/bin/sh
printf '%s\n' {{ .ShellEscape .Error }} | mail -s 'backup failed' root
