/* What must be found and what must not, in every batch size. */
#include "plugin.c"

#include "huoyan_testing.h"

int main(void) {
  static const char *const keys[] = {"L1", "L2", "L3", "L4", "L5"};
  static const char *const titles[] = {"全场五折!!!快来", "限时抢购！！！！手慢无", "真的很好用!! 新品上市!", "", NULL};
  const ht_column columns[] = {{"_record", keys, NULL}, {"title", titles, NULL}};
  hy_instance *instance = ht_create(&plugin, "{{name}}", "{}");
  for (int64_t batch = 1; batch <= 5; batch++) {
    static ht_seen seen;
    memset(&seen, 0, sizeof seen);
    HT_CHECK(ht_run(&plugin, instance, "listing", NULL, hy_text(""), columns, 2, 5, batch, &seen) == HY_OK);
    HT_CHECK(seen.n_found == 2);
    HT_CHECK(strcmp(seen.found[0].record, "L1") == 0 && strcmp(seen.found[0].rule, RULE) == 0);
    HT_CHECK(seen.found[0].span_start == 12 && seen.found[0].span_end == 15);
    HT_CHECK(strcmp(seen.found[1].record, "L2") == 0 && strcmp(seen.found[1].evidence, "{\"marks\":4}") == 0);
  }
  plugin.destroy(instance);

  static ht_seen seen;
  instance = ht_create(&plugin, "{{name}}", "{\"at_least\": 2}");
  HT_CHECK(ht_run(&plugin, instance, "listing", NULL, hy_text(""), columns, 2, 5, 5, &seen) == HY_OK);
  HT_CHECK(seen.n_found == 3);
  plugin.destroy(instance);
  puts("ok");
  return 0;
}
