/* huoyan_helpers.h: what most detectors in C need, header-only. C11 or C++17.
 *
 * Texts, errors, typed columns of a batch, whole-number settings. Nothing here allocates or keeps state. It is no part of
 * the contract (huoyan.h): a plugin may use it, change its copy or leave it.
 */
#ifndef HUOYAN_HELPERS_H
#define HUOYAN_HELPERS_H

#include "huoyan.h"

#include <string.h>

#if defined(__GNUC__)
#define HY_MAYBE_UNUSED __attribute__((unused))
#else
#define HY_MAYBE_UNUSED
#endif

/* A text that ends in NUL, as the contract wants it. */
HY_MAYBE_UNUSED static inline hy_str hy_text(const char *s) {
  hy_str out;
  out.ptr = s;
  out.len = strlen(s);
  return out;
}

/* Byte order; 0 when both are equal. */
HY_MAYBE_UNUSED static inline int hy_compare(hy_str a, hy_str b) {
  size_t len = a.len < b.len ? a.len : b.len;
  int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);
  if (order != 0) return order;
  return a.len < b.len ? -1 : a.len > b.len;
}

HY_MAYBE_UNUSED static inline int hy_is(hy_str a, const char *b) { return hy_compare(a, hy_text(b)) == 0; }

/* Fills in why a call failed and gives its status back. The message is a constant, so nothing is to be freed. */
HY_MAYBE_UNUSED static inline hy_status hy_fail(hy_error *error, hy_status code, const char *message) {
  if (error != NULL) {
    error->code = code;
    error->message = hy_text(message);
  }
  return code;
}

/* Ends a task_push: the batch was moved in, so this side releases it, also on a failure. */
HY_MAYBE_UNUSED static inline hy_status hy_done(struct ArrowArray *batch, hy_status status) {
  if (batch->release != NULL) batch->release(batch);
  return status;
}

/* A finding with everything empty but these. */
HY_MAYBE_UNUSED static inline hy_finding hy_finding_of(hy_str record, const char *rule, double score) {
  hy_finding out;
  memset(&out, 0, sizeof out);
  out.struct_size = sizeof out;
  out.record = record;
  out.rule = hy_text(rule);
  out.score = score;
  return out;
}

/* One column of a batch. A column that the batch does not have, or has in another type, is null in every row. */
typedef struct hy_column {
  const struct ArrowArray *array; /* NULL when there is no such column */
  int64_t offset;                 /* of the batch and of the column: both may be sliced */
  char type;                      /* 'u' text or bytes with 32-bit offsets, 'U' with 64, 'v' views, 'g', 'l' or 'b' */
} hy_column;

HY_MAYBE_UNUSED static inline hy_column hy_find(const struct ArrowArray *batch, const struct ArrowSchema *schema,
                                                const char *name) {
  hy_column out = {NULL, 0, 0};
  for (int64_t i = 0; i < schema->n_children; i++) {
    const char *format = schema->children[i]->format;
    if (schema->children[i]->name == NULL || strcmp(schema->children[i]->name, name) != 0) continue;
    if (strcmp(format, "u") == 0 || strcmp(format, "z") == 0) out.type = 'u';
    else if (strcmp(format, "U") == 0 || strcmp(format, "Z") == 0) out.type = 'U';
    else if (strcmp(format, "vu") == 0 || strcmp(format, "vz") == 0) out.type = 'v';
    else if (strcmp(format, "g") == 0 || strcmp(format, "l") == 0 || strcmp(format, "b") == 0) out.type = format[0];
    else return out;
    out.array = batch->children[i];
    out.offset = out.array->offset + batch->offset;
    return out;
  }
  return out;
}

HY_MAYBE_UNUSED static inline int hy_bit(const void *bits, int64_t at) {
  return (((const uint8_t *)bits)[at / 8] >> (at % 8)) & 1;
}

/* Where the value of a row stands in the column's buffers; -1 when it is null or the column is of another type. */
HY_MAYBE_UNUSED static inline int64_t hy_place(const hy_column *column, char type, int64_t row) {
  int64_t at = column->offset + row;
  if (column->array == NULL || column->type != type) return -1;
  if (column->array->null_count != 0 && column->array->buffers[0] != NULL && !hy_bit(column->array->buffers[0], at)) {
    return -1;
  }
  return at;
}

/* The text or bytes in a row; 0 when there are none. They live as long as the batch. */
HY_MAYBE_UNUSED static inline int hy_get_text(const hy_column *column, int64_t row, hy_str *out) {
  int64_t at = hy_place(column, column->type, row);
  if (at < 0) return 0;
  const void **buffers = column->array->buffers;
  if (column->type == 'u') {
    const int32_t *offsets = (const int32_t *)buffers[1];
    out->len = (size_t)(offsets[at + 1] - offsets[at]);
    out->ptr = out->len == 0 ? NULL : (const char *)buffers[2] + offsets[at];
    return 1;
  }
  if (column->type == 'U') {
    const int64_t *offsets = (const int64_t *)buffers[1];
    out->len = (size_t)(offsets[at + 1] - offsets[at]);
    out->ptr = out->len == 0 ? NULL : (const char *)buffers[2] + offsets[at];
    return 1;
  }
  if (column->type == 'v') { /* 16 bytes each: the length, then 12 bytes of text, or prefix, buffer and offset */
    const char *view = (const char *)buffers[1] + 16 * at;
    int32_t parts[4];
    memcpy(parts, view, sizeof parts);
    out->len = (size_t)parts[0];
    out->ptr = parts[0] <= 12 ? view + 4 : (const char *)buffers[2 + parts[2]] + parts[3];
    return 1;
  }
  return 0;
}

/* A price or another measure; 0 when there is none. */
HY_MAYBE_UNUSED static inline int hy_get_float(const hy_column *column, int64_t row, double *out) {
  int64_t at = hy_place(column, 'g', row);
  if (at < 0) return 0;
  *out = ((const double *)column->array->buffers[1])[at];
  return 1;
}

/* A whole number, or a time in seconds since 1970-01-01 UTC; 0 when there is none. */
HY_MAYBE_UNUSED static inline int hy_get_integer(const hy_column *column, int64_t row, int64_t *out) {
  int64_t at = hy_place(column, 'l', row);
  if (at < 0) return 0;
  *out = ((const int64_t *)column->array->buffers[1])[at];
  return 1;
}

/* Yes (1) or no (0); 0 when there is neither. */
HY_MAYBE_UNUSED static inline int hy_get_flag(const hy_column *column, int64_t row, int *out) {
  int64_t at = hy_place(column, 'b', row);
  if (at < 0) return 0;
  *out = hy_bit(column->array->buffers[1], at);
  return 1;
}

/* A setting that is a whole number from 0 to 999999999, or `otherwise` when the user gave none; -1 when what was given is
 * something else. For a flat table whose settings are numbers only: it looks for the quoted name. */
HY_MAYBE_UNUSED static inline int64_t hy_setting(hy_str config, const char *name, int64_t otherwise) {
  size_t n = strlen(name);
  for (size_t i = 0; i + n + 2 <= config.len; i++) {
    if (config.ptr[i] != '"' || memcmp(config.ptr + i + 1, name, n) != 0 || config.ptr[i + 1 + n] != '"') continue;
    i += n + 2;
    while (i < config.len && (config.ptr[i] == ' ' || config.ptr[i] == ':')) i++;
    int64_t value = 0;
    size_t digits = 0;
    for (; i < config.len && config.ptr[i] >= '0' && config.ptr[i] <= '9' && digits < 10; i++, digits++) {
      value = value * 10 + (config.ptr[i] - '0');
    }
    int ends = i < config.len && (config.ptr[i] == ',' || config.ptr[i] == '}' || config.ptr[i] == ' ');
    return digits > 0 && digits < 10 && ends ? value : -1;
  }
  return otherwise;
}

#endif /* HUOYAN_HELPERS_H */
