/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an agent sends to its relay. A request is read the same however much of what follows it is
 * there; no part of a whole one is whole; and what is forwarded has one host, the one that was
 * judged, and no second head in it.
 */
#include "relay/request.h"

#include <stdint.h>
#include <string.h>

static void check_forwarded(const char *data, const struct request *request)
{
    static const char close[] = "\r\nConnection: close\r\n";
    AUTO_TEXT head = {0}, host = {0};

    request_forward(data, request, &head);
    text_add(&host, "\r\nHost: ");
    place_add_text(&request->place, &host);
    text_add(&host, close);
    const char *at = memmem(head.data, head.length, host.data, host.length);
    if (!at || memmem(head.data, (size_t)(at - head.data), "\r\n", 2))
        bug("the first field is not the host that was asked for");
    if (strcasestr(at + host.length, "\r\nHost:") || strncasecmp(at + host.length, "Host:", 5) == 0)
        bug("two hosts");
    const char *end = memmem(head.data, head.length, "\r\n\r\n", 4);
    if (end != head.data + head.length - 4 || head.length > REQUEST_HEAD_MAX + 512)
        bug("the head does not end where it should");
}

static void check_whole(const char *data, const struct request *request)
{
    struct request again;
    AUTO_TEXT text = {0};
    struct place place;

    if (request_read(data, request->length - 1, &again) != REQUEST_PARTIAL)
        bug("a part of a request is whole");
    if (request_read(data, request->length, &again) != REQUEST_WHOLE ||
        again.length != request->length)
        bug("a request depends on what follows it");
    place_add_text(&request->place, &text);
    if (!place_read(text.data, text.length, &place) || place.port != request->place.port ||
        strcmp(place.host, request->place.host) != 0)
        bug("a place does not read as it was written");
    if (!request->tunnel)
        check_forwarded(data, request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    struct place place;

    if (request_read((const char *)data, size, &request) == REQUEST_WHOLE)
        check_whole((const char *)data, &request);
    if (size)
        (void)place_read((const char *)data, size, &place);
    return 0;
}
