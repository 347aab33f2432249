#!/bin/sh
ssh nas logger -t backup {{ .ShellEscape (.ShellEscape .Task) }}
