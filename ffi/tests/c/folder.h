/* Files of a folder that a test's runner has filled. */
#ifndef FOLDER_H
#define FOLDER_H

#include "pair.h"

static const char *folder;

typedef struct {
    uint8_t *ptr;
    size_t len;
} content;

static inline FILE *opened(const char *name, const char *mode) {
    char path[512];
    CHECK((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path);
    FILE *file = fopen(path, mode);
    if (!file) fprintf(stderr, "%s: ", path);
    CHECK(file);
    return file;
}

static inline content read_file(const char *name) {
    enum { MOST = 1 << 18 };
    content all = {(uint8_t *)malloc(MOST), 0};
    CHECK(all.ptr);
    FILE *file = opened(name, "rb");
    all.len = fread(all.ptr, 1, MOST, file);
    fclose(file);
    return all;
}

static inline void write_file(const char *name, const uint8_t *ptr, size_t len) {
    FILE *file = opened(name, "wb");
    CHECK(fwrite(ptr, 1, len, file) == len);
    CHECK(fclose(file) == 0);
}

/* The key of the line in a .pub file. */
static inline content read_public(const char *name) {
    content line = read_file(name), blob = {(uint8_t *)malloc(8192), 0};
    CHECK(blob.ptr);
    OK(sansh_public_blob(line.ptr, line.len, blob.ptr, 8192, &blob.len));
    free(line.ptr);
    return blob;
}

static inline sansh_key *read_key(const char *name) {
    sansh_key *key;
    content text = read_file(name);
    OK(sansh_key_read(text.ptr, text.len, &key));
    free(text.ptr);
    return key;
}

static inline int same(sansh_bytes a, const uint8_t *ptr, size_t len) {
    return a.len == len && (len == 0 || memcmp(a.ptr, ptr, len) == 0);
}

#endif
