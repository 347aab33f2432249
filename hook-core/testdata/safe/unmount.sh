#!/bin/sh
# Whatever happened, the disk goes back to sleep.
umount /mnt/backup || true
hdparm -y /dev/disk/by-id/ata-example
