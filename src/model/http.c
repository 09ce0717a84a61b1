/* SPDX-License-Identifier: Apache-2.0 */
#include "model/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

struct http {
    CURL *curl; /* kept, and its connection with it */
};

/* A request under way. */
struct transfer {
    CURL *curl;
    const struct http_request *request;
    struct http_reply *reply;
    bool begun; /* the first line of the answer came */
    bool ended; /* by the one who takes */
    char words[CURL_ERROR_SIZE];
};

struct http *http_new(void)
{
    struct http *http = MEM_NEW(struct http);

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        bug("libcurl does not start");
    http->curl = curl_easy_init();
    if (!http->curl)
        bug("libcurl has no handle");
    return http;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    curl_global_cleanup();
    free(http);
}

/* What a server may ask for; more is not believed. */
enum { WAIT_MAX_S = 24 * 3600, WAIT_MAX_MS = WAIT_MAX_S * 1000 };

/* The value of a header line if it is this header's; its length goes to *ret_length. */
static const char *header_value(const char *line, size_t length, const char *name,
                                size_t *ret_length)
{
    size_t named = strlen(name);

    if (length <= named || strncasecmp(line, name, named) != 0 || line[named] != ':')
        return NULL;
    line += named + 1;
    length -= named + 1;
    while (length && strchr(" \t", *line)) {
        line++;
        length--;
    }
    while (length && strchr(" \t\r\n", line[length - 1]))
        length--;
    *ret_length = length;
    return line;
}

/* In seconds it is read by the library, dates included. */
void http_read_header(struct http_reply *reply, const char *line, size_t length)
{
    static const char status[] = "HTTP/", stream[] = "text/event-stream";
    size_t n = 0;

    if (length > strlen(status) && memcmp(line, status, strlen(status)) == 0)
        reply->stream = false; /* what came before was not the last answer */
    const char *value = header_value(line, length, "content-type", &n);

    if (value)
        reply->stream = n >= strlen(stream) && strncasecmp(value, stream, strlen(stream)) == 0;
    value = header_value(line, length, "retry-after-ms", &n);
    if (value) {
        AUTO_FREE char *number = mem_string_n(value, n);
        (void)text_to_int64(number, 0, WAIT_MAX_MS, &reply->retry_after_ms); /* else it is 0 */
    }
}

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    struct transfer *t = context;

    t->begun = true;
    http_read_header(t->reply, line, size * count);
    return size * count;
}

static void read_status(CURL *curl, struct http_reply *reply)
{
    long status = 0;
    curl_off_t after_s = 0;

    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
        reply->status = (int)status;
    if (!reply->retry_after_ms &&
        curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &after_s) == CURLE_OK && after_s >= 0 &&
        after_s <= WAIT_MAX_S)
        reply->retry_after_ms = 1000 * (int64_t)after_s;
}

static size_t take_content(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    size_t length = size * count;

    if (!t->reply->bytes)
        read_status(t->curl, t->reply);
    t->reply->bytes += length;
    if (t->request->take(t->request->context, t->reply, bytes, length))
        return length;
    t->ended = true;
    return 0;
}

/* The proxy of the environment is none for this machine. */
bool http_is_local(const char *url)
{
    CURLU *parts = curl_url();
    char *host = NULL;
    struct in_addr address;

    bool local = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                 curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    if (local && inet_pton(AF_INET, host, &address) == 1)
        local = ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
    else if (local)
        local = text_same_nocase(host, "localhost") || strcmp(host, "[::1]") == 0;
    curl_free(host);
    curl_url_cleanup(parts);
    return local;
}

/* As curl(1) and OpenSSL have it; the library looks at neither variable by itself. */
static void trust(CURL *curl)
{
    const char *bundle = getenv("CURL_CA_BUNDLE");
    const char *file = bundle && *bundle ? bundle : getenv("SSL_CERT_FILE");
    const char *folder = getenv("SSL_CERT_DIR");

    if (file && *file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, file);
    if (folder && *folder)
        curl_easy_setopt(curl, CURLOPT_CAPATH, folder);
}

static struct curl_slist *header_list(const struct http_request *request)
{
    struct curl_slist *list = NULL;

    for (const char *const *at = request->headers; *at; at++) {
        struct curl_slist *longer = curl_slist_append(list, *at);
        if (!longer)
            bug("out of memory for headers");
        list = longer;
    }
    return list;
}

/* What the tool `run` starts has no business with the connection; the library leaves it open. */
static curl_socket_t open_socket(void *context UNUSED, curlsocktype purpose UNUSED,
                                 struct curl_sockaddr *address)
{
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The library checks types itself; of these options none is refused but the protocols, without
 * which any other scheme would be followed. */
static CURLcode set_up(struct transfer *t, struct curl_slist *headers)
{
    const struct http_request *request = t->request;
    CURL *curl = t->curl;

    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, t->words);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "kelp-agent/" KELP_VERSION);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_content);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)request->connect_s);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)request->stall_s);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)request->limit_s);
    trust(curl);
    if (http_is_local(request->url))
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    return code == CURLE_OK ? curl_easy_setopt(curl, CURLOPT_URL, request->url) : code;
}

static CURLcode perform(struct transfer *t)
{
    struct curl_slist *headers = header_list(t->request);

    *t->reply = (struct http_reply){0};
    t->begun = t->ended = false;
    t->words[0] = '\0';
    CURLcode code = set_up(t, headers);
    if (code == CURLE_OK)
        code = curl_easy_perform(t->curl);
    read_status(t->curl, t->reply);
    /* The handle lives longer than the buffer. */
    curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(headers);
    return code;
}

static bool is_drop(CURLcode code)
{
    return code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
}

static enum fault_code kind_of(CURLcode code)
{
    static const CURLcode lasting[] = {
        CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT,   CURLE_PEER_FAILED_VERIFICATION,
        CURLE_SSL_CACERT_BADFILE,   CURLE_SSL_CERTPROBLEM, CURLE_COULDNT_RESOLVE_PROXY,
    };

    for (size_t i = 0; i < COUNT_OF(lasting); i++)
        if (lasting[i] == code)
            return FAULT_ENVIRONMENT;
    return FAULT_BUSY;
}

int http_post(struct http *http, const struct http_request *request, struct http_reply *ret,
              struct fault *f)
{
    struct transfer t = {.request = request, .reply = ret, .curl = http->curl};
    CURLcode code = perform(&t);

    if (is_drop(code) && !t.begun)
        code = perform(&t);
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && t.ended))
        return 0;
    return fault_set(f, kind_of(code), "%s: %s", request->url,
                     *t.words ? t.words : curl_easy_strerror(code));
}
