/* The byte strings that the host reads without loading this library: the manifest and the rule pack. */
#include "huoyan.h"

#define RULES_NAME "rules/{{name}}"

enum {
  MANIFEST_LEN = sizeof((const uint8_t[]){
#include "manifest.inc"
  }),
  RULES_LEN = sizeof((const uint8_t[]){
#include "rules.inc"
  })
};

HUOYAN_EXPORT extern const struct manifest {
  char magic[8];
  uint8_t len[8];
  uint8_t json[MANIFEST_LEN];
} HUOYAN_MANIFEST_V1;

const struct manifest HUOYAN_MANIFEST_V1 = {HUOYAN_MANIFEST_MAGIC, HUOYAN_LEN(MANIFEST_LEN), {
#include "manifest.inc"
}};

HUOYAN_EXPORT extern const struct resources {
  char magic[8];
  uint8_t name_len[8], data_len[8];
  char name[sizeof RULES_NAME - 1];
  uint8_t data[RULES_LEN];
  uint8_t end[8];
} HUOYAN_RESOURCES_V1;

const struct resources HUOYAN_RESOURCES_V1 = {
    HUOYAN_RESOURCES_MAGIC, HUOYAN_LEN(sizeof RULES_NAME - 1), HUOYAN_LEN(RULES_LEN), RULES_NAME, {
#include "rules.inc"
    }, {0}};
