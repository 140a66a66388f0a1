/* huoyan.h: the binary contract between the huoyan host and a detector plugin. ABI version 1.0.
 *
 * A plugin is a shared library with one exported function, huoyan_plugin_v1, and up to two exported byte strings that
 * the host reads from the file without loading it: HUOYAN_MANIFEST_V1 (required) and HUOYAN_RESOURCES_V1 (optional).
 *
 * Rules for every struct and function below
 *
 *  R1  Growth. A struct that may grow starts with struct_size, set by whoever allocates it to sizeof its own version.
 *      Fields are only ever appended; the other side reads no field beyond struct_size. A NULL function pointer means
 *      "not provided".
 *  R2  Text is UTF-8 with a length and need not end in NUL. Every pointer argument is borrowed for the duration of the
 *      call, unless its description says otherwise.
 *  R3  Memory is freed by the side that allocated it, through the release callback beside it.
 *  R4  Nothing unwinds across this boundary: no C++ exception, no Rust panic, no longjmp. A plugin that caught such a
 *      thing returns HY_PANIC; after that the host calls only task_drop and destroy on that instance.
 *  R5  The host never unloads a library, so pointers to its code and constants stay valid until the process ends.
 *  R6  A plugin does no input or output, starts no threads, reads no clock and keeps no global state. The same calls
 *      with the same bytes give the same answers. Threads, sorting and storage belong to the host.
 *  R7  The host checks all that a plugin says (UTF-8, declared rules, known records, spans on character boundaries,
 *      finite scores, amount of output). A plugin that breaks a rule is taken out of the run; the run goes on.
 *
 * Versions. A host of ABI major 1 loads plugins of major 1 and of any minor up to its own: a plugin built for an older
 * minor runs unchanged, since a minor only appends. A plugin of a newer minor is refused before it is loaded.
 */
#ifndef HUOYAN_H
#define HUOYAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HUOYAN_ABI_MAJOR 1u
#define HUOYAN_ABI_MINOR 0u

/* ---------------------------------------------------------------------------------------------------------------
 * The Arrow C Data Interface, as its specification gives it for verbatim inclusion.
 */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

/* ---------------------------------------------------------------------------------------------------------------
 * Plain values
 */

/* UTF-8 text or bytes. ptr may be NULL when len is 0. */
typedef struct hy_str {
  const char *ptr;
  size_t len;
} hy_str;

/* The outcome of a call. A host treats a value that is not listed as HY_INTERNAL. */
typedef int32_t hy_status;
enum {
  HY_OK = 0,
  HY_INVALID_CONFIG = 1, /* the configuration or a resource cannot be used; create only */
  HY_INVALID_INPUT = 2,  /* the batch is not of the form the manifest asked for */
  HY_UNSUPPORTED = 3,    /* the plugin does not provide this stage or function */
  HY_CANCELLED = 4,      /* the plugin saw is_cancelled and stopped */
  HY_LIMIT = 5,          /* a limit was hit; what a sink answers when no more output is taken */
  HY_INTERNAL = 6,       /* a fault of the plugin */
  HY_PANIC = 7           /* a caught panic or exception: see R4 */
};

/* Why a call failed. The host passes one with struct_size set and everything else zero; a failing call may fill in the
 * texts and then sets release, which frees them and sets itself to NULL. The host calls release once if it is set. */
typedef struct hy_error {
  size_t struct_size;
  hy_status code;
  hy_str message;     /* one sentence for a person */
  hy_str detail_json; /* empty, or a JSON object for a machine */
  void (*release)(struct hy_error *);
  void *private_data; /* the plugin's own */
} hy_error;

/* Something a detector needs: a rule pack, a gallery. ptr is aligned to 64 bytes and stays valid and unchanged until
 * destroy returns, so a plugin may keep it in the instance. A resource of a corpus summary (task_open) stays valid
 * until task_drop returns. */
typedef struct hy_resource {
  hy_str name;
  hy_str digest; /* BLAKE3 in hexadecimal */
  const void *ptr;
  size_t len;
} hy_resource;

/* ---------------------------------------------------------------------------------------------------------------
 * What the host offers
 */

/* Host-owned: one stage over one partition. Valid from task_open until task_drop returns, so a task may keep it. */
typedef struct hy_call hy_call;

/* Valid until destroy returns. Both functions may be called from any thread inside a call into the plugin. */
typedef struct hy_host {
  size_t struct_size;
  uint32_t abi_minor;
  void *ctx;
  /* level: 1 error, 2 warning, 3 information, 4 debugging. The host copies both texts. */
  void (*log)(void *ctx, int32_t level, hy_str target, hy_str message);
  /* Not 0 once the run is being stopped: finish the current row and return HY_CANCELLED. */
  int32_t (*is_cancelled)(void *ctx, const hy_call *call);
} hy_host;

/* What was seen in one record. */
typedef struct hy_finding {
  size_t struct_size;
  hy_str record;        /* the value of column _record of a row that this detector was given */
  hy_str rule;          /* a declared rule id */
  hy_str field;         /* empty, or a text column that the stage reads; in later stages, of the record's kind */
  hy_str evidence_json; /* empty, or a JSON object of at most 1 MiB */
  double score;         /* 0 to 1; from 0.5 up the detector stands by it */
  uint32_t span_start;  /* bytes in the field, on character boundaries; start == end when there is no span */
  uint32_t span_end;
  const hy_str *members; /* keys of the other members of a campaign or cluster */
  size_t n_members;
} hy_finding;

/* Where a plugin's output goes. Valid during the call it is passed to, on that thread. Everything is copied before a
 * function returns. Each answers HY_OK, or HY_LIMIT or HY_CANCELLED: then nothing more is taken, and the plugin should
 * return that status at once. */
typedef struct hy_sink {
  size_t struct_size;
  void *ctx;
  hy_status (*finding)(void *ctx, const hy_finding *finding);
  /* A score in [0, 1] for a record that was judged, with or without a finding. At most one per record and detector. */
  hy_status (*score)(void *ctx, hy_str record, double score);
  /* A row for later stages of this detector. They see rows sorted by (key, order, record, stage, payload). An empty key
   * forms no group: the row is dropped. */
  hy_status (*row)(void *ctx, hy_str key, int64_t order, hy_str record, hy_str payload);
  /* The record could not be judged, and why. */
  hy_status (*unjudged)(void *ctx, hy_str record, hy_str reason);
  /* A corpus stage's summary, at most 64 MiB: once in task_close, once in summary_merge. */
  hy_status (*summary)(void *ctx, hy_str bytes);
} hy_sink;

/* ---------------------------------------------------------------------------------------------------------------
 * What a plugin provides
 *
 * Batches. task_push is given a struct array with one child per column; a column may be absent and any value but
 * _record may be null. Types: text and JSON utf8 ("u", "U" or "vu"), price and other measures float64 ("g"), times and
 * whole numbers int64 ("l", times in seconds since 1970-01-01 UTC), yes and no bool ("b"), pictures binary ("z", "Z" or
 * "vz"). Batches hold about 4,096 rows and at most 4 MiB, or one row. Arrays may be sliced: mind offset on the struct
 * and on each child.
 *   records:               _record (the key), then the declared columns
 *   records, group stage:  _key, _record, then the declared columns, sorted by (_key, order_by, _record)
 *   rows of other stages:  _key, _record, _input (the emitting stage), _payload (binary), _order (int64), sorted by
 *                          (_key, _order, _record, _input, _payload)
 */

typedef struct hy_instance hy_instance; /* plugin-owned: one detector with one configuration */
typedef struct hy_task hy_task;         /* plugin-owned: one stage over one partition */

typedef struct hy_plugin {
  size_t struct_size;
  uint32_t abi_major;
  uint32_t abi_minor;

  /* Makes a detector. host, config_json (a JSON object) and the array of resources are borrowed for the call; what the
   * resources point to stays valid until destroy. Called once per detector and run, from one thread.
   * Returns HY_OK and sets *out, or another status and fills *error. */
  hy_status (*create)(const hy_host *host, hy_str detector, hy_str config_json, const hy_resource *resources,
                      size_t n_resources, hy_instance **out, hy_error *error);

  /* Frees an instance. Its tasks have been dropped before. Never fails. */
  void (*destroy)(hy_instance *instance);

  /* Opens one stage over one partition. Called from any thread, also while other tasks of the instance run: the instance
   * is shared and must not be changed. seed is the same for the same run, detector, stage and partition. summaries are
   * those the manifest asks for, by the name of their stage, valid until task_drop. */
  hy_status (*task_open)(hy_instance *instance, hy_str stage, const hy_call *call, uint64_t seed,
                         const hy_resource *summaries, size_t n_summaries, hy_task **out, hy_error *error);

  /* Judges a batch. A task is used by one thread at a time. batch is moved in: the plugin releases it, also when it
   * fails. schema is borrowed. How rows are split into batches must not change what comes out. */
  hy_status (*task_push)(hy_task *task, struct ArrowArray *batch, const struct ArrowSchema *schema,
                         const hy_sink *sink, hy_error *error);

  /* No more rows: flushes the last group, or gives the summary. Called at most once, after the last push. */
  hy_status (*task_close)(hy_task *task, const hy_sink *sink, hy_error *error);

  /* Frees a task, closed or not. Never fails. */
  void (*task_drop)(hy_task *task);

  /* Merges two summaries of a corpus stage into one. Must be associative and commutative byte for byte. Called from any
   * thread. May be NULL when the plugin has no corpus stage. */
  hy_status (*summary_merge)(hy_instance *instance, hy_str stage, hy_str a, hy_str b, const hy_sink *sink,
                             hy_error *error);
} hy_plugin;

/* The exported entry. host_abi_minor is the host's minor of major 1. Returns a constant, or NULL when this plugin
 * cannot serve such a host. */
typedef const hy_plugin *(*huoyan_plugin_v1_fn)(uint32_t host_abi_minor);

/* ---------------------------------------------------------------------------------------------------------------
 * Exported byte strings, read from the file without loading it. They must be plain initialised data.
 *
 * HUOYAN_MANIFEST_V1:  8 bytes "HYMANIF1", 8 bytes little-endian length, then that many bytes of JSON.
 * HUOYAN_RESOURCES_V1: 8 bytes "HYRESRC1", then for each resource 8 bytes little-endian length of its name (not 0),
 *                      8 bytes length of its data, the name, the data; then 8 zero bytes.
 *
 * In C:
 *   #define MANIFEST "{...}"
 *   HUOYAN_EXPORT const struct { char magic[8]; uint8_t len[8]; char json[sizeof MANIFEST - 1]; } HUOYAN_MANIFEST_V1 =
 *     { HUOYAN_MANIFEST_MAGIC, HUOYAN_LEN(sizeof MANIFEST - 1), MANIFEST };
 */
#define HUOYAN_MANIFEST_MAGIC {'H', 'Y', 'M', 'A', 'N', 'I', 'F', '1'}
#define HUOYAN_RESOURCES_MAGIC {'H', 'Y', 'R', 'E', 'S', 'R', 'C', '1'}
#define HUOYAN_LEN(n) \
  {(uint8_t)(n), (uint8_t)((n) >> 8), (uint8_t)((n) >> 16), (uint8_t)((n) >> 24), 0, 0, 0, 0}

#if defined(_WIN32)
#define HUOYAN_EXPORT __declspec(dllexport)
#else
#define HUOYAN_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
}
#endif

#endif /* HUOYAN_H */
