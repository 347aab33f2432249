#!/bin/sh
set -eu
mountpoint -q /mnt/backup || mount /mnt/backup
