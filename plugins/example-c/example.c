/* A detector in plain C that judges each record alone: it flags titles that repeat an exclamation mark three times or more.
 *
 *   cc -std=c11 -shared -fPIC -I ../../crates/abi/include -o libexample_c.so example.c
 *
 * `huoyan plugin inspect libexample_c.so` shows what it says of itself, and `huoyan scan --plugins` loads it. group.c and
 * corpus.c compare records with each other. Each is one file that carries its manifest; `huoyan plugin new NAME --lang c`
 * writes the same detector as a project, with a rule pack, tests and a Makefile.
 */
#include "huoyan_helpers.h"

#include <stdio.h>
#include <stdlib.h>

/* What the host reads without loading this library. */
#define MANIFEST \
  "{\"name\":\"example-c\",\"version\":\"0.1.0\",\"abi\":{\"major\":1,\"minor\":0}," \
  "\"detectors\":[{\"name\":\"example-c\"," \
  "\"summary\":{\"zh\":\"识别标题中连续的感叹号\"," \
  "\"en\":\"Finds runs of exclamation marks in titles\"}," \
  "\"stages\":[" \
  "{\"name\":\"listing\",\"kind\":\"record\",\"reads\":{\"record\":\"listing\",\"columns\":[\"title\"]}}]," \
  "\"rules\":[\"EC001\"]}]}"

HUOYAN_EXPORT extern const struct manifest {
  char magic[8];
  uint8_t len[8];
  char json[sizeof MANIFEST - 1];
} HUOYAN_MANIFEST_V1;

const struct manifest HUOYAN_MANIFEST_V1 = {HUOYAN_MANIFEST_MAGIC, HUOYAN_LEN(sizeof MANIFEST - 1), MANIFEST};

#define RULE "EC001" /* as the manifest declares it */
#define SCORE 0.8       /* from 0.5 up the detector stands by a finding */
#define AT_LEAST 3      /* marks in a row that are too many, unless the user says otherwise */

/* The detector: its settings, read once and never changed, since its tasks may run on several threads. */
struct hy_instance { int64_t at_least; };
struct hy_task { const hy_instance *instance; };

static hy_status create(const hy_host *host, hy_str detector, hy_str config_json, const hy_resource *resources,
                        size_t n_resources, hy_instance **out, hy_error *error) {
  (void)host, (void)detector, (void)resources, (void)n_resources;
  int64_t at_least = hy_setting(config_json, "at_least", AT_LEAST);
  if (at_least < 1 || at_least > 1000) return hy_fail(error, HY_INVALID_CONFIG, "setting 'at_least' must be from 1 to 1000");
  *out = (hy_instance *)malloc(sizeof **out);
  if (*out == NULL) return hy_fail(error, HY_INTERNAL, "out of memory");
  (*out)->at_least = at_least;
  return HY_OK;
}

static void destroy(hy_instance *instance) { free(instance); }

static hy_status task_open(hy_instance *instance, hy_str stage, const hy_call *call, uint64_t seed,
                           const hy_resource *summaries, size_t n_summaries, hy_task **out, hy_error *error) {
  (void)call, (void)seed, (void)summaries, (void)n_summaries;
  if (!hy_is(stage, "listing")) return hy_fail(error, HY_UNSUPPORTED, "there is no such stage");
  *out = (hy_task *)malloc(sizeof **out);
  if (*out == NULL) return hy_fail(error, HY_INTERNAL, "out of memory");
  (*out)->instance = instance;
  return HY_OK;
}

static void task_drop(hy_task *task) { free(task); }

/* Bytes of the mark that begins here, half ('!') or full width ('！'); 0 when none does. */
static size_t mark(hy_str text, size_t at) {
  if (text.ptr[at] == '!') return 1;
  return text.len - at >= 3 && memcmp(text.ptr + at, "\xEF\xBC\x81", 3) == 0 ? 3 : 0;
}

/* The first run of at least that many marks: its bytes, and how many marks it has; 0 when there is none. */
static int64_t shouting(hy_str text, int64_t at_least, size_t *start, size_t *end) {
  for (size_t at = 0; at < text.len; at++) {
    int64_t marks = 0;
    size_t to = at, step;
    while (to < text.len && (step = mark(text, to)) > 0) {
      to += step;
      marks++;
    }
    if (marks >= at_least) {
      *start = at;
      *end = to;
      return marks;
    }
    if (marks > 0) at = to - 1;
  }
  return 0;
}

static hy_status judge(const hy_task *task, const struct ArrowArray *batch, const struct ArrowSchema *schema,
                       const hy_sink *sink) {
  hy_column keys = hy_find(batch, schema, "_record"), titles = hy_find(batch, schema, "title");
  for (int64_t row = 0; row < batch->length; row++) {
    hy_str key, title;
    size_t start, end;
    if (!hy_get_text(&keys, row, &key) || !hy_get_text(&titles, row, &title)) continue;
    int64_t marks = shouting(title, task->instance->at_least, &start, &end);
    if (marks == 0) continue;
    char evidence[64];
    snprintf(evidence, sizeof evidence, "{\"marks\":%lld}", (long long)marks);
    hy_finding finding = hy_finding_of(key, RULE, SCORE);
    finding.field = hy_text("title");
    finding.span_start = (uint32_t)start;
    finding.span_end = (uint32_t)end;
    finding.evidence_json = hy_text(evidence);
    hy_status status = sink->finding(sink->ctx, &finding);
    if (status != HY_OK) return status; /* the host takes no more */
  }
  return HY_OK;
}

static hy_status task_push(hy_task *task, struct ArrowArray *batch, const struct ArrowSchema *schema,
                           const hy_sink *sink, hy_error *error) {
  (void)error;
  return hy_done(batch, judge(task, batch, schema, sink));
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
