printf '%s %s: %s\n' {{ .FormatTime .CurTime }} {{ .ShellEscape .Task }} {{ .ShellEscape .Error }} >> /var/log/backup.log
