#!/bin/bash
grep -q 'repository is already locked' <<< {{ .ShellEscape .Error }} && restic unlock
