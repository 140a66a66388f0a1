/* What must be found and what must not, in every batch size. Rows of a group stage come sorted by key. */
#include "plugin.c"

#include "huoyan_testing.h"

#define PRAISE "质量非常好，物流也快，推荐购买"

int main(void) {
  static const char *const keys[] = {"u1", "u1", "u1", "u1", "u2", "u3", "u3", "u3"};
  static const char *const records[] = {"R1", "R2", "R3", "R9", "R4", "R5", "R6", "R7"};
  static const char *const texts[] = {PRAISE, PRAISE, PRAISE, NULL, PRAISE, "好评", "好评", "好评"};
  const ht_column columns[] = {{"_key", keys, NULL}, {"_record", records, NULL}, {"text", texts, NULL}};
  hy_instance *instance = ht_create(&plugin, "{{name}}", "{}");
  for (int64_t batch = 1; batch <= 8; batch++) {
    static ht_seen seen;
    memset(&seen, 0, sizeof seen);
    HT_CHECK(ht_run(&plugin, instance, "reviewer", NULL, hy_text(""), columns, 3, 8, batch, &seen) == HY_OK);
    HT_CHECK(seen.n_found == 3);
    for (size_t i = 0; i < 3; i++) {
      HT_CHECK(strcmp(seen.found[i].record, records[i]) == 0 && strcmp(seen.found[i].rule, RULE) == 0);
      HT_CHECK(seen.found[i].n_members == 2);
    }
  }
  plugin.destroy(instance);

  static ht_seen seen;
  instance = ht_create(&plugin, "{{name}}", "{\"at_least\": 4}");
  HT_CHECK(ht_run(&plugin, instance, "reviewer", NULL, hy_text(""), columns, 3, 8, 8, &seen) == HY_OK);
  HT_CHECK(seen.n_found == 0);
  plugin.destroy(instance);
  puts("ok");
  return 0;
}
