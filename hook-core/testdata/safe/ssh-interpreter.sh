#!ssh nas bash
echo "plan {{ .Plan.Id }}" >> ~/backups.log
logger {{ .ShellEscape .Task }}
