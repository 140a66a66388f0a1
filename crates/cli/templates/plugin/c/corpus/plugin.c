/* Finds prices far under those of all listings of the run. */
#include "huoyan_helpers.h"

#include <stdio.h>
#include <stdlib.h>

#define RULE "{{rule}}" /* as rules/{{name}}.toml declares it */
#define SCORE 0.6       /* from 0.5 up the detector stands by a finding */
#define HALVINGS 4      /* that are too many, unless the user says otherwise */
#define FEWEST 5        /* fewer prices have no middle that says anything */
#define STEPS 64

/* The detector: its settings, read once and never changed, since its tasks may run on several threads. */
struct hy_instance { int64_t halvings; };

/* How many prices there are from 1, 2, 4, 8 ... cents. Whole numbers: sums of fractions depend on their order, and a
 * summary must not. */
struct counts { uint64_t of[STEPS]; };

struct hy_task {
  const hy_instance *instance;
  int counts_prices;    /* stage prices, else stage listing */
  struct counts counts; /* stage prices */
  int middle;           /* stage listing: the step of the middle price; -1 when there is none */
};

static hy_status create(const hy_host *host, hy_str detector, hy_str config_json, const hy_resource *resources,
                        size_t n_resources, hy_instance **out, hy_error *error) {
  (void)host, (void)detector, (void)resources, (void)n_resources;
  int64_t halvings = hy_setting(config_json, "halvings", HALVINGS);
  if (halvings < 1 || halvings > 60) return hy_fail(error, HY_INVALID_CONFIG, "setting 'halvings' must be from 1 to 60");
  *out = (hy_instance *)malloc(sizeof **out);
  if (*out == NULL) return hy_fail(error, HY_INTERNAL, "out of memory");
  (*out)->halvings = halvings;
  return HY_OK;
}

static void destroy(hy_instance *instance) { free(instance); }

/* A summary is 64 numbers of 8 bytes, the lowest byte first on any machine. */
static int read_counts(hy_str bytes, struct counts *out) {
  if (bytes.len != 8 * STEPS) return 0;
  for (int step = 0; step < STEPS; step++) {
    out->of[step] = 0;
    for (int i = 7; i >= 0; i--) out->of[step] = out->of[step] << 8 | (unsigned char)bytes.ptr[8 * step + i];
  }
  return 1;
}

static hy_status write_counts(const struct counts *counts, const hy_sink *sink) {
  char bytes[8 * STEPS];
  for (int step = 0; step < STEPS; step++) {
    for (int i = 0; i < 8; i++) bytes[8 * step + i] = (char)(counts->of[step] >> (8 * i) & 0xFF);
  }
  hy_str out = {bytes, sizeof bytes};
  return sink->summary(sink->ctx, out);
}

static uint64_t sum(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

static int middle_of(const struct counts *counts) {
  uint64_t all = 0, below = 0;
  for (int step = 0; step < STEPS; step++) all = sum(all, counts->of[step]);
  for (int step = 0; step < STEPS && all >= FEWEST; step++) {
    below = sum(below, counts->of[step]);
    if (below > all / 2) return step;
  }
  return -1;
}

/* The step that a price is on: 2 to that power is the most cents not above it. -1 for what is no price. */
static int step_of(double price) {
  double cents = price * 100.0 + 0.5; /* to the nearest cent once the fraction is dropped */
  if (!(cents >= 1.0) || cents > 1.7976931348623157e308) return -1;
  uint64_t whole = cents >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)cents;
  int step = 0;
  while (whole >>= 1) step++;
  return step;
}

static hy_status task_open(hy_instance *instance, hy_str stage, const hy_call *call, uint64_t seed,
                           const hy_resource *summaries, size_t n_summaries, hy_task **out, hy_error *error) {
  (void)call, (void)seed;
  int counts_prices = hy_is(stage, "prices");
  struct counts counts;
  memset(&counts, 0, sizeof counts);
  if (!counts_prices && !hy_is(stage, "listing")) return hy_fail(error, HY_UNSUPPORTED, "there is no such stage");
  for (size_t i = 0; i < n_summaries; i++) {
    hy_str bytes = {(const char *)summaries[i].ptr, summaries[i].len};
    if (hy_is(summaries[i].name, "prices") && !read_counts(bytes, &counts)) {
      return hy_fail(error, HY_INTERNAL, "a summary has not 512 bytes");
    }
  }
  *out = (hy_task *)calloc(1, sizeof **out);
  if (*out == NULL) return hy_fail(error, HY_INTERNAL, "out of memory");
  (*out)->instance = instance;
  (*out)->counts_prices = counts_prices;
  (*out)->middle = middle_of(&counts);
  return HY_OK;
}

static void task_drop(hy_task *task) { free(task); }

static hy_status report(hy_str key, double price, int middle, const hy_sink *sink) {
  char evidence[128];
  snprintf(evidence, sizeof evidence, "{\"price\":%.2f,\"middle_from\":%.2f}", price, (double)(UINT64_C(1) << middle) / 100.0);
  hy_finding finding = hy_finding_of(key, RULE, SCORE);
  finding.evidence_json = hy_text(evidence);
  return sink->finding(sink->ctx, &finding);
}

static hy_status judge(hy_task *task, const struct ArrowArray *batch, const struct ArrowSchema *schema,
                       const hy_sink *sink) {
  hy_column keys = hy_find(batch, schema, "_record"), prices = hy_find(batch, schema, "price");
  for (int64_t row = 0; row < batch->length; row++) {
    hy_str key;
    double price;
    if (!hy_get_text(&keys, row, &key) || !hy_get_float(&prices, row, &price)) continue;
    int step = step_of(price);
    if (step < 0) continue;
    if (task->counts_prices) {
      task->counts.of[step]++;
    } else if (task->middle >= 0 && step + task->instance->halvings <= task->middle) {
      hy_status status = report(key, price, task->middle, sink);
      if (status != HY_OK) return status; /* the host takes no more */
    }
  }
  return HY_OK;
}

static hy_status task_push(hy_task *task, struct ArrowArray *batch, const struct ArrowSchema *schema,
                           const hy_sink *sink, hy_error *error) {
  (void)error;
  return hy_done(batch, judge(task, batch, schema, sink));
}

static hy_status task_close(hy_task *task, const hy_sink *sink, hy_error *error) {
  (void)error;
  return task->counts_prices ? write_counts(&task->counts, sink) : HY_OK;
}

static hy_status summary_merge(hy_instance *instance, hy_str stage, hy_str a, hy_str b, const hy_sink *sink,
                               hy_error *error) {
  (void)instance, (void)stage;
  struct counts left, right;
  if (!read_counts(a, &left) || !read_counts(b, &right)) {
    return hy_fail(error, HY_INTERNAL, "a summary has not 512 bytes");
  }
  for (int step = 0; step < STEPS; step++) left.of[step] = sum(left.of[step], right.of[step]);
  return write_counts(&left, sink);
}

static const hy_plugin plugin = {
    sizeof(hy_plugin), HUOYAN_ABI_MAJOR, HUOYAN_ABI_MINOR, create,     destroy,
    task_open,         task_push,        task_close,       task_drop,  summary_merge,
};

HUOYAN_EXPORT const hy_plugin *huoyan_plugin_v1(uint32_t host_abi_minor);

const hy_plugin *huoyan_plugin_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return &plugin;
}
