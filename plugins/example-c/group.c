/* A detector in plain C that judges groups: it flags reviews that one account repeats word for word.
 *
 *   cc -std=c11 -shared -fPIC -I ../../crates/abi/include -o libexample_c_group.so group.c
 *
 * The host sorts rows by account; this side keeps one account's reviews at a time, over as many batches as they come in.
 */
#include "huoyan_helpers.h"

#include <stdio.h>
#include <stdlib.h>

/* What the host reads without loading this library. */
#define MANIFEST \
  "{\"name\":\"example-c-group\",\"version\":\"0.1.0\",\"abi\":{\"major\":1,\"minor\":0}," \
  "\"detectors\":[{\"name\":\"example-c-group\"," \
  "\"summary\":{\"zh\":\"识别同一账号反复使用的评价原文\"," \
  "\"en\":\"Finds reviews that one account repeats word for word\"}," \
  "\"stages\":[" \
  "{\"name\":\"reviewer\",\"kind\":\"group\",\"reads\":{\"record\":\"review\",\"columns\":[\"text\"]}," \
  "\"group_by\":\"reviewer_id\",\"order_by\":\"created_at\"}]," \
  "\"rules\":[\"EC002\"]}]}"

HUOYAN_EXPORT extern const struct manifest {
  char magic[8];
  uint8_t len[8];
  char json[sizeof MANIFEST - 1];
} HUOYAN_MANIFEST_V1;

const struct manifest HUOYAN_MANIFEST_V1 = {HUOYAN_MANIFEST_MAGIC, HUOYAN_LEN(sizeof MANIFEST - 1), MANIFEST};

#define RULE "EC002" /* as the manifest declares it */
#define SCORE 0.6       /* from 0.5 up the detector stands by a finding */
#define AT_LEAST 3      /* equal reviews that are too many, unless the user says otherwise */
#define SHORTEST 8      /* characters; shorter texts are what many people write by themselves */
#define MEMBERS 100     /* that a finding names; if thousands named all the others, the host would take no more */

/* The detector: its settings, read once and never changed, since its tasks may run on several threads. */
struct hy_instance { int64_t at_least; };

/* A review of the current account. Texts are copied: a group may go on in the next batch. */
struct review {
  size_t order;
  hy_str record, text;
};

struct hy_task {
  const hy_instance *instance;
  char *key; /* the current group's, NULL before the first */
  size_t key_len, n, room;
  struct review *reviews;
};

static hy_status create(const hy_host *host, hy_str detector, hy_str config_json, const hy_resource *resources,
                        size_t n_resources, hy_instance **out, hy_error *error) {
  (void)host, (void)detector, (void)resources, (void)n_resources;
  int64_t at_least = hy_setting(config_json, "at_least", AT_LEAST);
  if (at_least < 2 || at_least > 1000) return hy_fail(error, HY_INVALID_CONFIG, "setting 'at_least' must be from 2 to 1000");
  *out = (hy_instance *)malloc(sizeof **out);
  if (*out == NULL) return hy_fail(error, HY_INTERNAL, "out of memory");
  (*out)->at_least = at_least;
  return HY_OK;
}

static void destroy(hy_instance *instance) { free(instance); }

static hy_status task_open(hy_instance *instance, hy_str stage, const hy_call *call, uint64_t seed,
                           const hy_resource *summaries, size_t n_summaries, hy_task **out, hy_error *error) {
  (void)call, (void)seed, (void)summaries, (void)n_summaries;
  if (!hy_is(stage, "reviewer")) return hy_fail(error, HY_UNSUPPORTED, "there is no such stage");
  *out = (hy_task *)calloc(1, sizeof **out);
  if (*out == NULL) return hy_fail(error, HY_INTERNAL, "out of memory");
  (*out)->instance = instance;
  return HY_OK;
}

/* Begins an empty group. */
static void clear(hy_task *task) {
  for (size_t i = 0; i < task->n; i++) {
    free((void *)task->reviews[i].record.ptr);
    free((void *)task->reviews[i].text.ptr);
  }
  task->n = 0;
}

static void task_drop(hy_task *task) {
  if (task == NULL) return;
  clear(task);
  free(task->reviews);
  free(task->key);
  free(task);
}

static int copy(hy_str from, hy_str *to) {
  char *bytes = (char *)malloc(from.len + 1);
  if (bytes == NULL) return 0;
  if (from.len > 0) memcpy(bytes, from.ptr, from.len);
  to->ptr = bytes;
  to->len = from.len;
  return 1;
}

static int add(hy_task *task, hy_str record, hy_str text) {
  if (task->n == task->room) {
    size_t room = task->room == 0 ? 16 : 2 * task->room;
    struct review *more = (struct review *)realloc(task->reviews, room * sizeof *more);
    if (more == NULL) return 0;
    task->reviews = more;
    task->room = room;
  }
  struct review *review = &task->reviews[task->n];
  if (!copy(record, &review->record)) return 0;
  if (!copy(text, &review->text)) {
    free((void *)review->record.ptr);
    return 0;
  }
  review->order = task->n++;
  return 1;
}

/* By text, and in the order of the rows among equal ones: the same findings in the same order each time. */
static int by_text(const void *a, const void *b) {
  const struct review *left = (const struct review *)a, *right = (const struct review *)b;
  int order = hy_compare(left->text, right->text);
  if (order != 0) return order;
  return left->order < right->order ? -1 : left->order > right->order;
}

/* Reports the equal reviews from `start` to `end`, each with the first of the others as members. */
static hy_status report(const hy_task *task, size_t start, size_t end, const hy_sink *sink) {
  char evidence[64];
  hy_str others[MEMBERS];
  snprintf(evidence, sizeof evidence, "{\"reviews\":%zu}", end - start);
  hy_status status = HY_OK;
  for (size_t i = start; i < end && status == HY_OK; i++) {
    size_t n = 0;
    for (size_t j = start; j < end && n < MEMBERS; j++) {
      if (j != i) others[n++] = task->reviews[j].record;
    }
    hy_finding finding = hy_finding_of(task->reviews[i].record, RULE, SCORE);
    finding.field = hy_text("text");
    finding.evidence_json = hy_text(evidence);
    finding.members = others;
    finding.n_members = n;
    status = sink->finding(sink->ctx, &finding);
  }
  return status;
}

/* The current group has no more rows. */
static hy_status finish(hy_task *task, const hy_sink *sink) {
  hy_status status = HY_OK;
  if (task->n > 1) qsort(task->reviews, task->n, sizeof *task->reviews, by_text);
  for (size_t start = 0, end; start < task->n && status == HY_OK; start = end) {
    end = start + 1;
    while (end < task->n && hy_compare(task->reviews[end].text, task->reviews[start].text) == 0) end++;
    if (end - start >= (size_t)task->instance->at_least) status = report(task, start, end, sink);
  }
  clear(task);
  return status;
}

/* Code points: all bytes that do not continue one. */
static size_t characters(hy_str text) {
  size_t n = 0;
  for (size_t i = 0; i < text.len; i++) n += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
  return n;
}

static hy_status judge(hy_task *task, const struct ArrowArray *batch, const struct ArrowSchema *schema,
                       const hy_sink *sink, hy_error *error) {
  hy_column keys = hy_find(batch, schema, "_key"), records = hy_find(batch, schema, "_record");
  hy_column texts = hy_find(batch, schema, "text");
  for (int64_t row = 0; row < batch->length; row++) {
    hy_str key, record, text;
    if (!hy_get_text(&keys, row, &key) || !hy_get_text(&records, row, &record)) {
      return hy_fail(error, HY_INVALID_INPUT, "a grouped row has no key");
    }
    hy_str current = {task->key, task->key_len};
    if (task->key == NULL || hy_compare(current, key) != 0) {
      hy_status status = finish(task, sink);
      if (status != HY_OK) return status; /* the host takes no more */
      free(task->key);
      task->key = NULL;
      if (!copy(key, &current)) return hy_fail(error, HY_INTERNAL, "out of memory");
      task->key = (char *)current.ptr;
      task->key_len = current.len;
    }
    if (!hy_get_text(&texts, row, &text) || characters(text) < SHORTEST) continue;
    if (!add(task, record, text)) return hy_fail(error, HY_INTERNAL, "out of memory");
  }
  return HY_OK;
}

static hy_status task_push(hy_task *task, struct ArrowArray *batch, const struct ArrowSchema *schema,
                           const hy_sink *sink, hy_error *error) {
  return hy_done(batch, judge(task, batch, schema, sink, error));
}

static hy_status task_close(hy_task *task, const hy_sink *sink, hy_error *error) {
  (void)error;
  return finish(task, sink);
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
