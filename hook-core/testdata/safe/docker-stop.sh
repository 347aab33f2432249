docker stop nextcloud >/dev/null && echo "stopped for {{ .Plan.Id }}"
