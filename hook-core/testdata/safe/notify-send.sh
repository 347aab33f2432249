#!/bin/bash
notify-send 'Backup' {{ .ShellEscape .Task }}
