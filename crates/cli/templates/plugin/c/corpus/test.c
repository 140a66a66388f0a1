/* What must be found and what must not, in every batch size; two summaries merge the same in both orders. */
#include "plugin.c"

#include "huoyan_testing.h"

int main(void) {
  static const char *const keys[] = {"L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8"};
  static const double prices[] = {99, 129, 89, 75.5, 110, 1, 15, HT_NULL};
  const ht_column columns[] = {{"_record", keys, NULL}, {"price", NULL, prices}};
  hy_instance *instance = ht_create(&plugin, "{{name}}", "{}");
  static ht_seen whole, twice, turned;
  HT_CHECK(ht_run(&plugin, instance, "prices", NULL, hy_text(""), columns, 2, 8, 8, &whole) == HY_OK);
  hy_str summary = {whole.summary, whole.summary_len};
  for (int64_t batch = 1; batch <= 8; batch++) {
    static ht_seen again, seen;
    memset(&seen, 0, sizeof seen);
    HT_CHECK(ht_run(&plugin, instance, "prices", NULL, hy_text(""), columns, 2, 8, batch, &again) == HY_OK);
    HT_CHECK(again.summary_len == 512 && memcmp(again.summary, whole.summary, 512) == 0);
    HT_CHECK(ht_run(&plugin, instance, "listing", "prices", summary, columns, 2, 8, batch, &seen) == HY_OK);
    HT_CHECK(seen.n_found == 1 && strcmp(seen.found[0].record, "L6") == 0 && strcmp(seen.found[0].rule, RULE) == 0);
  }

  static ht_seen part;
  HT_CHECK(ht_run(&plugin, instance, "prices", NULL, hy_text(""), columns, 2, 3, 3, &part) == HY_OK);
  hy_str other = {part.summary, part.summary_len};
  hy_sink sink = ht_sink(&twice), back = ht_sink(&turned);
  HT_CHECK(plugin.summary_merge(instance, hy_text("prices"), summary, other, &sink, NULL) == HY_OK);
  HT_CHECK(plugin.summary_merge(instance, hy_text("prices"), other, summary, &back, NULL) == HY_OK);
  HT_CHECK(twice.summary_len == 512 && memcmp(twice.summary, turned.summary, 512) == 0);
  plugin.destroy(instance);
  puts("ok");
  return 0;
}
