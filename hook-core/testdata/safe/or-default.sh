#!/bin/sh
echo {{ or (.ShellEscape .Error) "none" }}
echo {{ .ShellEscape (or .Error "no error") }}
