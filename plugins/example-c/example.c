/* A detector in plain C: it flags titles that repeat an exclamation mark three times or more.
 *
 *   cc -std=c11 -shared -fPIC -I ../../crates/abi/include -o libexample_c.so example.c
 *
 * Then put the library in a folder that huoyan.toml names under [plugins] folders, and `huoyan plugin list` shows it.
 * It shows the whole way of a record detector: manifest, create, task, reading a column, reporting a finding.
 */
#include "huoyan.h"

#include <stdlib.h>
#include <string.h>

/* What the host reads without loading this library. */
#define MANIFEST                                                                                          \
  "{\"name\":\"example-c\",\"version\":\"0.1.0\",\"abi\":{\"major\":1,\"minor\":0},"                      \
  "\"detectors\":[{\"name\":\"example-c\","                                                               \
  "\"summary\":{\"zh\":\"标题中连续三个以上的感叹号\",\"en\":\"three or more exclamation marks in a row\"}," \
  "\"stages\":[{\"name\":\"listing\",\"kind\":\"record\","                                                \
  "\"reads\":{\"record\":\"listing\",\"columns\":[\"title\"]}}],"                                         \
  "\"rules\":[\"EC001\"]}]}"

HUOYAN_EXPORT extern const struct manifest {
  char magic[8];
  uint8_t len[8];
  char json[sizeof MANIFEST - 1];
} HUOYAN_MANIFEST_V1;

const struct manifest HUOYAN_MANIFEST_V1 = {HUOYAN_MANIFEST_MAGIC, HUOYAN_LEN(sizeof MANIFEST - 1), MANIFEST};

/* This detector has no state, but both kinds of object must exist. */
struct hy_instance { int unused; };
struct hy_task { int unused; };

static hy_str text(const char *s) {
  hy_str out = {s, strlen(s)};
  return out;
}

static hy_status fail(hy_error *error, hy_status code, const char *message) {
  if (error != NULL) { /* a constant text needs no release */
    error->code = code;
    error->message = text(message);
  }
  return code;
}

static hy_status create(const hy_host *host, hy_str detector, hy_str config_json, const hy_resource *resources,
                        size_t n_resources, hy_instance **out, hy_error *error) {
  (void)host, (void)detector, (void)config_json, (void)resources, (void)n_resources;
  *out = malloc(sizeof **out);
  return *out != NULL ? HY_OK : fail(error, HY_INTERNAL, "out of memory");
}

static void destroy(hy_instance *instance) { free(instance); }

static hy_status task_open(hy_instance *instance, hy_str stage, const hy_call *call, uint64_t seed,
                           const hy_resource *summaries, size_t n_summaries, hy_task **out, hy_error *error) {
  (void)instance, (void)stage, (void)call, (void)seed, (void)summaries, (void)n_summaries;
  *out = malloc(sizeof **out);
  return *out != NULL ? HY_OK : fail(error, HY_INTERNAL, "out of memory");
}

static void task_drop(hy_task *task) { free(task); }

/* A text column: offsets into a buffer of bytes, and a bitmap of the values that are not null. */
struct text_column {
  const uint8_t *validity;
  const int32_t *offsets;
  const char *data;
  int64_t offset;
};

static int find(const struct ArrowArray *batch, const struct ArrowSchema *schema, const char *name,
                struct text_column *out) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    const struct ArrowSchema *field = schema->children[i];
    if (strcmp(field->name, name) == 0 && strcmp(field->format, "u") == 0) {
      const struct ArrowArray *column = batch->children[i];
      out->validity = column->null_count == 0 ? NULL : column->buffers[0];
      out->offsets = column->buffers[1];
      out->data = column->buffers[2];
      out->offset = column->offset + batch->offset; /* both may be sliced */
      return 1;
    }
  }
  return 0;
}

static int get(const struct text_column *column, int64_t row, hy_str *out) {
  int64_t at = column->offset + row;
  if (column->validity != NULL && (column->validity[at / 8] >> (at % 8) & 1) == 0) return 0;
  out->ptr = column->data + column->offsets[at];
  out->len = (size_t)(column->offsets[at + 1] - column->offsets[at]);
  return 1;
}

static hy_status judge(const struct ArrowArray *batch, const struct ArrowSchema *schema, const hy_sink *sink) {
  struct text_column keys, titles;
  if (!find(batch, schema, "_record", &keys) || !find(batch, schema, "title", &titles)) return HY_OK;
  for (int64_t row = 0; row < batch->length; row++) {
    hy_str key, title;
    if (!get(&keys, row, &key) || !get(&titles, row, &title)) continue;
    for (size_t start = 0; start < title.len;) {
      size_t end = start;
      while (end < title.len && title.ptr[end] == '!') end++;
      if (end - start >= 3) {
        hy_finding finding;
        memset(&finding, 0, sizeof finding);
        finding.struct_size = sizeof finding;
        finding.record = key;
        finding.rule = text("EC001");
        finding.field = text("title");
        finding.evidence_json = text("{\"category\":\"other\"}");
        finding.score = 0.8;
        finding.span_start = (uint32_t)start;
        finding.span_end = (uint32_t)end;
        hy_status status = sink->finding(sink->ctx, &finding);
        if (status != HY_OK) return status; /* the host takes no more */
        break;
      }
      start = end + 1;
    }
  }
  return HY_OK;
}

static hy_status task_push(hy_task *task, struct ArrowArray *batch, const struct ArrowSchema *schema,
                           const hy_sink *sink, hy_error *error) {
  (void)task, (void)error;
  hy_status status = judge(batch, schema, sink);
  if (batch->release != NULL) batch->release(batch); /* the batch was moved in: this side releases it */
  return status;
}

static hy_status task_close(hy_task *task, const hy_sink *sink, hy_error *error) {
  (void)task, (void)sink, (void)error;
  return HY_OK;
}

static const hy_plugin plugin = {
    sizeof(hy_plugin), HUOYAN_ABI_MAJOR, HUOYAN_ABI_MINOR, create,     destroy,
    task_open,         task_push,        task_close,       task_drop,  NULL,
};

HUOYAN_EXPORT const hy_plugin *huoyan_plugin_v1(uint32_t host_abi_minor);

const hy_plugin *huoyan_plugin_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return &plugin;
}
