#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The steps of bring-up.md by hand, in a guest, with nothing but busybox: finds the device, joins, sends Get Endpoint ID, prints the answer.
#   bring-up.sh [BDF]        profile busbar, one instance, a window of 2 MiB
device=/sys/bus/pci/devices/${1:-0000:00:01.0}
echo 1 > "$device/enable"
registers=$(sed -n 1p "$device/resource" | cut -d' ' -f1)
window=$(sed -n 3p "$device/resource" | cut -d' ' -f1)
# One 32-bit access: BASE OFFSET [VALUE]
access() { busybox devmem $(printf '0x%x' $(($1 + $2))) 32 $3; }

echo "id $(access $registers 0x000)"                 # "BMX1"
echo "signature $(access $window 0)"                 # "#MMB"
access $registers 0x104 7                            # ENABLE of pair 0: data, space, state
access $registers 0x010 1                            # GENABLE

echo "ros before $(access $window 0x48) $(access $window 0x4c)"
access $window 0x100004 1                            # H_RDY
access $window 0x100000 2                            # H_UP
access $registers 0x10c 4                            # SET: state
sleep 1
echo "ros joined $(access $window 0x48) $(access $window 0x4c)"

access $window 0x100008 0x04090000                   # MMBI header: 2 dwords, 1 byte of padding, type 4
access $window 0x10000c 0xc8080001                   # MCTP header: 01 00 08 c8
access $window 0x100010 0x00028000                   # Get Endpoint ID: 00 80 02, padding
access $window 0x100000 0xe                          # H2B write pointer 12, H_UP
access $registers 0x10c 1                            # SET: data
sleep 1
echo "masked $(access $registers 0x114)"
echo "ros answered $(access $window 0x48) $(access $window 0x4c)"
echo "answer $(access $window 0x50) $(access $window 0x54) $(access $window 0x58) $(access $window 0x5c)"
access $registers 0x100 7                            # STATUS: acknowledged
access $window 0x100004 0x11                         # B2H read pointer 16, H_RDY
