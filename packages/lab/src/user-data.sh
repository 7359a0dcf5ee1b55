#!/bin/sh
# What an instance's user data does once it is up: fetch boot.sh and run it with the API's address.
# Usage: user-data.sh API PATH FILE
#   API: http://ADDRESS[:PORT]. PATH: POD/TIER/AZ. FILE: where boot.sh is put.
curl -fsS --max-time 20 -o "$3" "$1/$2/boot.sh" || exit 1
exec sh "$3" "$1"
