/* SPDX-License-Identifier: Apache-2.0 */
#include "journal/checksum.h"

/* Half a byte at a time: the table is small enough to read, and a row takes less than a
 * microsecond. steps[i] is i shifted out through the polynomial 0x82F63B78. */
static const uint32_t steps[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3,
    0x61C69362, 0x7198540D, 0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
    0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

uint32_t checksum_add(uint32_t sum, const void *data, size_t length)
{
    const unsigned char *p = data;

    sum = ~sum;
    for (size_t i = 0; i < length; i++) {
        sum ^= p[i];
        sum = sum >> 4 ^ steps[sum & 15];
        sum = sum >> 4 ^ steps[sum & 15];
    }
    return ~sum;
}
