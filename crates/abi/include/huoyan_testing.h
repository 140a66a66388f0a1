/* huoyan_testing.h: runs a detector in C without a host, for its tests. Header-only, C11.
 *
 * Rows are arrays in memory, handed over as Arrow slices of any length; what the detector says is kept in ht_seen. A stage
 * is run with ht_run, which opens a task, pushes the rows in batches and closes the task.
 */
#ifndef HUOYAN_TESTING_H
#define HUOYAN_TESTING_H

#include "huoyan_helpers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define HT_MOST 256 /* findings kept, and rows of a column */

/* A number that is null. */
#define HT_NULL (-HUGE_VAL)

/* A column: texts, of which NULL is null, or numbers, of which HT_NULL is. */
typedef struct ht_column {
  const char *name;
  const char *const *texts;
  const double *floats;
} ht_column;

typedef struct ht_found {
  char record[64], rule[16], field[64], evidence[256];
  double score;
  uint32_t span_start, span_end;
  size_t n_members;
} ht_found;

typedef struct ht_seen {
  size_t n_found, summary_len;
  ht_found found[HT_MOST];
  char summary[4096];
} ht_seen;

HY_MAYBE_UNUSED static void ht_copy(char *to, size_t size, hy_str from) {
  size_t len = from.len < size - 1 ? from.len : size - 1;
  if (len > 0) memcpy(to, from.ptr, len);
  to[len] = 0;
}

HY_MAYBE_UNUSED static hy_status ht_on_finding(void *ctx, const hy_finding *finding) {
  ht_seen *seen = (ht_seen *)ctx;
  if (seen->n_found == HT_MOST) return HY_LIMIT;
  ht_found *found = &seen->found[seen->n_found++];
  ht_copy(found->record, sizeof found->record, finding->record);
  ht_copy(found->rule, sizeof found->rule, finding->rule);
  ht_copy(found->field, sizeof found->field, finding->field);
  ht_copy(found->evidence, sizeof found->evidence, finding->evidence_json);
  found->score = finding->score;
  found->span_start = finding->span_start;
  found->span_end = finding->span_end;
  found->n_members = finding->n_members;
  return HY_OK;
}

HY_MAYBE_UNUSED static hy_status ht_on_summary(void *ctx, hy_str bytes) {
  ht_seen *seen = (ht_seen *)ctx;
  if (bytes.len > sizeof seen->summary) return HY_LIMIT;
  if (bytes.len > 0) memcpy(seen->summary, bytes.ptr, bytes.len);
  seen->summary_len = bytes.len;
  return HY_OK;
}

/* Findings and summaries are kept; a stage that says anything else needs a test with the host. */
HY_MAYBE_UNUSED static hy_sink ht_sink(ht_seen *seen) {
  hy_sink sink;
  memset(&sink, 0, sizeof sink);
  sink.struct_size = sizeof sink;
  sink.ctx = seen;
  sink.finding = ht_on_finding;
  sink.summary = ht_on_summary;
  return sink;
}

HY_MAYBE_UNUSED static void ht_release(struct ArrowArray *array) { array->release = NULL; }

/* Pushes `rows` rows, at most `batch` at a time, each batch a slice of one array. */
HY_MAYBE_UNUSED static hy_status ht_push(const hy_plugin *plugin, hy_task *task, const ht_column *columns,
                                         int64_t n_columns, int64_t rows, int64_t batch, const hy_sink *sink,
                                         hy_error *error) {
  static int32_t offsets[8][HT_MOST + 1];
  static uint8_t validity[8][HT_MOST / 8 + 1];
  static char data[8][1 << 16];
  struct ArrowArray arrays[8], *array_pointers[8];
  struct ArrowSchema fields[8], *field_pointers[8];
  const void *buffers[8][3];
  if (n_columns > 8 || rows > HT_MOST) return hy_fail(error, HY_LIMIT, "more columns or rows than this kit holds");
  for (int64_t c = 0; c < n_columns; c++) {
    memset(&arrays[c], 0, sizeof arrays[c]);
    memset(&fields[c], 0, sizeof fields[c]);
    memset(validity[c], 0, sizeof validity[c]);
    for (int64_t row = 0; row < rows; row++) {
      int null = columns[c].texts != NULL ? columns[c].texts[row] == NULL : columns[c].floats[row] == HT_NULL;
      if (null) arrays[c].null_count++;
      else validity[c][row / 8] = (uint8_t)(validity[c][row / 8] | 1u << (row % 8));
      if (columns[c].texts != NULL) {
        size_t len = null ? 0 : strlen(columns[c].texts[row]);
        if ((size_t)offsets[c][row] + len > sizeof data[c]) return hy_fail(error, HY_LIMIT, "more text than this kit holds");
        if (len > 0) memcpy(data[c] + offsets[c][row], columns[c].texts[row], len);
        offsets[c][row + 1] = offsets[c][row] + (int32_t)len;
      }
    }
    buffers[c][0] = validity[c];
    buffers[c][1] = columns[c].texts != NULL ? (const void *)offsets[c] : (const void *)columns[c].floats;
    buffers[c][2] = data[c];
    arrays[c].length = rows;
    arrays[c].n_buffers = columns[c].texts != NULL ? 3 : 2;
    arrays[c].buffers = buffers[c];
    fields[c].format = columns[c].texts != NULL ? "u" : "g";
    fields[c].name = columns[c].name;
    array_pointers[c] = &arrays[c];
    field_pointers[c] = &fields[c];
  }
  for (int64_t at = 0; at < rows || at == 0; at += batch) {
    const void *none[1] = {NULL};
    struct ArrowArray whole;
    struct ArrowSchema schema;
    memset(&whole, 0, sizeof whole);
    memset(&schema, 0, sizeof schema);
    whole.length = rows - at < batch ? rows - at : batch;
    whole.offset = at;
    whole.n_buffers = 1;
    whole.buffers = none;
    whole.n_children = schema.n_children = n_columns;
    whole.children = array_pointers;
    whole.release = ht_release;
    schema.format = "+s";
    schema.name = "";
    schema.children = field_pointers;
    hy_status status = plugin->task_push(task, &whole, &schema, sink, error);
    if (status != HY_OK) return status;
    if (whole.release != NULL) return hy_fail(error, HY_INTERNAL, "the batch was not released");
  }
  return HY_OK;
}

/* Opens a stage, pushes all rows and closes it; `summary` is that of the corpus stage `of`, or neither is given. */
HY_MAYBE_UNUSED static hy_status ht_run(const hy_plugin *plugin, hy_instance *instance, const char *stage, const char *of,
                                        hy_str summary, const ht_column *columns, int64_t n_columns, int64_t rows,
                                        int64_t batch, ht_seen *seen) {
  hy_error error;
  hy_resource given;
  hy_task *task = NULL;
  hy_sink sink = ht_sink(seen);
  memset(&error, 0, sizeof error);
  memset(&given, 0, sizeof given);
  error.struct_size = sizeof error;
  if (of != NULL) {
    given.name = hy_text(of);
    given.ptr = summary.ptr;
    given.len = summary.len;
  }
  hy_status status = plugin->task_open(instance, hy_text(stage), NULL, 0, &given, of != NULL ? 1 : 0, &task, &error);
  if (status == HY_OK) status = ht_push(plugin, task, columns, n_columns, rows, batch, &sink, &error);
  if (status == HY_OK) status = plugin->task_close(task, &sink, &error);
  if (status != HY_OK) fprintf(stderr, "stage %s: %.*s\n", stage, (int)error.message.len, error.message.ptr);
  if (task != NULL) plugin->task_drop(task);
  return status;
}

/* Makes the plugin's detector with these settings; ends the test when it cannot be made. */
HY_MAYBE_UNUSED static hy_instance *ht_create(const hy_plugin *plugin, const char *detector, const char *config) {
  hy_instance *instance = NULL;
  hy_error error;
  memset(&error, 0, sizeof error);
  error.struct_size = sizeof error;
  if (plugin->create(NULL, hy_text(detector), hy_text(config), NULL, 0, &instance, &error) != HY_OK) {
    fprintf(stderr, "create: %.*s\n", (int)error.message.len, error.message.ptr);
    exit(1);
  }
  return instance;
}

/* Ends the test unless this holds. */
#define HT_CHECK(what) \
  ((what) ? (void)0 : (fprintf(stderr, "%s:%d: this does not hold: %s\n", __FILE__, __LINE__, #what), exit(1)))

#endif /* HUOYAN_TESTING_H */
