#!/bin/sh
zfs snapshot "tank/home@backup-$(date +%Y%m%d-%H%M%S)"
