#!/usr/bin/pwsh -NoProfile
Write-Output {{ .PowerShellEscape .Task }}
Write-Output $env:HOOK_ERROR
