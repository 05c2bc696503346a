/* SPDX-License-Identifier: MIT */
/*
 * guest.h - a kind of guest: one folder beside this file that fills one table of
 * functions. Commands and the sequence of an update go over the kinds of
 * loader/update/kinds.c and know none. What a kind has nothing to do for is NULL.
 */
#ifndef LOADER_GUEST_H
#define LOADER_GUEST_H

#include "fixed.h"
#include "handover.h"
#include "process.h"
#include "stream_writer.h"

#define GUEST_ITEMS_MAX	64		/* ranges, maps, states of a guest */
#define GUEST_RESUME_SECONDS 30		/* for all of a kind together */
#define GUEST_GIVEN_BYTES 128		/* more than a socket's path has */

struct guest_kind;

/* Is a guest tried in the new host's program before it is paused? */
struct guest_trial {
	enum { TRIAL_STATE, TRIAL_START, TRIAL_NONE } how;
	const char *program;		/* NULL: the one it runs in */
};

struct guest_state {
	char name[HO_STATE_NAME_BYTES];
	const char *path;
};

/* One guest of the old instance. Texts of options are the caller's. */
struct guest {
	const struct guest_kind *kind;
	const char *given;		/* by its option: a socket, a name */
	char *found[2];			/* texts that find() made, freed with it */
	void *own;			/* the kind's, until close() */
	const struct guest_trial *trial; /* NULL: none */
	const char *name;
	int64_t domid;			/* -1: the lowest free one */
	bool any_domid;			/* another will do where it is taken */
	uint32_t record_kind;		/* HO_KIND_...; 0: that of its kind */
	uint8_t uuid[HO_ID_BYTES];	/* all zero: a random one */
	uint64_t frame_count;		/* where the kind knows, else 0 */
	pid_t pid;			/* whose memory its frames are; 0: nobody's */
	pid_t runner;			/* the process it runs in, from examine() */
	bool was_stopped;		/* stood still before we came */
	bool held;			/* hold() has begun */
	bool touched;			/* save() has begun with it */
	bool kept_on;
	bool refused;			/* there is a reason why it cannot go */
	struct diag_log *why;		/* where these go; NULL: to the caller's */
	struct fixed_frames *fixed;	/* by hold(): read once, while it runs;
					 * NULL: they are read when it stands */
	uint64_t seen_frames;		/* by preview() */
	uint64_t absent_pages;		/* the same: not there yet */
	uint64_t told_pages;		/* by find(): what a hypervisor says it
					 * has; 0: there is none to ask */
	bool stuck;			/* resume() could not let it run on */
	struct ho_rec_domain record;	/* as it goes into the stream */
	int range_count, map_count, state_count;
	struct vrange ranges[GUEST_ITEMS_MAX];
	const char *maps[GUEST_ITEMS_MAX];
	struct guest_state states[GUEST_ITEMS_MAX];
};

/* How far a command came with a guest that it took. */
enum guest_stage {
	GUEST_HELD,			/* its memory, perhaps; it runs */
	GUEST_SAVING,			/* paused, perhaps */
	GUEST_SAVED,
	GUEST_STAGES
};

/* What a later command has to know of it to let it run on, whoever was killed
 * where. */
struct guest_taken {
	enum guest_stage stage;
	char name[HO_NAME_BYTES];
	char given[GUEST_GIVEN_BYTES];	/* QEMU's monitor, libvirt's uuid; "":
					 * none */
	uint8_t uuid[HO_ID_BYTES];	/* of Xen's; all zero: none */
	struct process_id runner;	/* it runs in; pid 0: not known */
	struct process_id keeper;	/* holds its memory; pid 0: none */
	bool ran;			/* before it was paused */
	uint64_t number;		/* the kind's own */
	uint64_t mark;			/* the same, once it is saved: it tells this
					 * save from a later one; 0: not known */
};

/* A new guest of that kind for find(); NULL: recorded in diag. */
typedef struct guest *(*guest_new_fn)(void *context,
				      const struct guest_kind *kind,
				      struct diag_log *diag);

/* Which guests of a kind find() is to find. */
struct guest_wanted {
	const char *const *names;
	int count;			/* 0: all there are, */
	const char *const *leave;	/* but for these, whatever is wrong with
					 * them */
	int leave_count;
};

/* What is known of a guest of a loaded blob, in this instance. */
enum guest_here {
	GUEST_NOT_ASKED,
	GUEST_NOT_HERE,			/* kept by an earlier update */
	GUEST_HERE,
};

/* A domain of a loaded blob, at the last look. */
struct guest_look {
	const struct ho_rec_domain *domain;
	bool owned;			/* a live process has its frames */
	bool ask;			/* also what runs it: `exec` */
	/* by the command that took it; NULL: not known, or kept before */
	const struct guest_taken *taken;
	void **own;			/* the kind's, for all of one look */
	enum guest_here here;		/* the answers */
	pid_t runner;
	bool in_use;			/* not owned, and somebody is on its memory:
					 * begun with it, and not counted as
					 * adopted */
};

/* How kept guests are to be restored. */
struct guest_restore {
	const char *name;		/* NULL: all of the kind */
	const char *output;		/* the stream of the one goes here instead */
	bool paused;			/* they wait to be let run */
	bool keep;			/* the kept frames are not released */
};

/* How a kept guest is to go on in its frames. */
struct guest_adopt {
	int seconds;			/* it has for that */
	bool early;			/* the host's file systems are not mounted yet:
					 * only one that needs none of them */
};

/* A guest is to be given memory that can be kept. */
struct guest_convert {
	const char *name;
	/* Called when what would be done was printed. 0: do it; else that is all. */
	int (*agree)(const void *context, struct diag_log *diag);
	const void *context;
};

/*
 * The calls of the old instance come in this order. Until save() the guest runs;
 * what can be refused is refused before. A function that takes a list is called
 * once, for all guests of its kind.
 */
struct guest_kind {
	const char *name;
	uint32_t record;		/* HO_KIND_... of its domains */
	/* its STATE record that look() and remember() are given; NULL: none */
	const char *state;
	bool runs_in_collect;		/* only upgrade pauses it */
	bool pins;			/* hold() fixes frames of huge pages */
	bool adopts_beside;		/* adopt() may run on many threads */
	bool adopts_early;		/* adopt() takes `early` */
	bool needs_module;		/* adopt() needs baton_mem */
	/* why these options cannot be had with it; NULL: they can */
	const char *not_no_exec, *not_shutdown;

	/* The text of its option. NULL: it becomes `given`. HO_EUSAGE. */
	int (*take)(struct guest *g, const char *text, struct diag_log *diag);
	/* What is wrong with the call alone. */
	int (*check)(const struct guest *g, struct diag_log *diag);
	/* Guests by name, or all there are; each refused that cannot go.
	 * Untouched. */
	int (*find)(const struct guest_wanted *wanted, guest_new_fn add,
		    void *context, struct diag_log *diag);
	/* Are there guests of it on this host that find() could list? */
	bool (*lists)(void);
	/* HO_EPLAN when one runs that find() would list, and is none of these: it
	 * has come since. Quick: they may stand still. */
	int (*joined)(const struct guest_wanted *wanted,
		      struct guest *const *list, int count,
		      struct diag_log *diag);
	/* Every reason why it cannot go. Untouched. */
	int (*examine)(struct guest *g, struct diag_log *diag);
	/* HO_EGUESTLEFT when guests of this kind would lose memory that an
	 * earlier update kept: they run on it, in none of these processes. */
	int (*left)(const pid_t *pids, size_t count, struct diag_log *diag);
	/* Its frames can no longer move or be freed, whoever ends. It runs. */
	int (*hold)(struct guest *g, struct diag_log *diag);
	/* The records that frames() would write, and room for states, of the guest
	 * as it runs, held or not. Untouched. NULL: not known before save(). */
	int (*preview)(struct guest *g, struct stream_writer *w,
		       struct diag_log *diag);
	/* Pause, and state into memory. Sets `touched` of each right before
	 * anything is done to it. */
	int (*save)(struct guest *const *list, int count,
		    struct diag_log *diag);
	/* The records of its open domain, but for `states`. */
	int (*frames)(struct guest *g, struct stream_writer *w,
		      struct diag_log *diag);
	/* Returns 0 when it is still exactly as saved. */
	int (*unchanged)(struct guest *g, struct diag_log *diag);
	/* The undo of hold() and, where touched, of save(): as if nothing had
	 * been, or `stuck`. Also in a process that was forked off before
	 * save(). */
	void (*resume)(struct guest *const *list, int count);
	/* What is held stays so without us. */
	void (*keep_on)(struct guest *g);
	/* Forget it; it stays as it is. */
	void (*close)(struct guest *g);
	/* All but stage and name, as it is now: before hold(), then with its
	 * keeper, then saved. NULL: there is nothing to undo. */
	void (*describe)(const struct guest *g, struct guest_taken *out);

	/*
	 * The same of guests in a loaded blob, by a later command.
	 * Returns 0 when it is still as saved, by the body of its STATE record.
	 * Owner and frames are the caller's. HO_EGUESTBUSY, HO_EXENRAN.
	 */
	int (*look)(struct guest_look *look, struct span *body,
		    struct diag_log *diag);
	/* What look() left in *own. */
	void (*look_end)(void *own);
	/* True when the process would outlive the host's services. */
	bool (*outlives)(pid_t pid);
	/* What describe() said of it, out of the same record. Stage, name, uuid
	 * and the owner as keeper are there already. */
	int (*remember)(struct guest_taken *out, struct span *body,
			struct diag_log *diag);
	/* An update is called off: it runs on, if it did, and its keeper ends.
	 * On a thread of its own. One that has ended is no error. HO_EQMP,
	 * HO_ESTUCK: not within so many seconds. */
	int (*let_run)(const struct guest_taken *t, int seconds,
		       struct diag_log *diag);

	/* Long before an update: a guest that runs, in memory that cannot be
	 * kept, goes on in memory that can. On failure it goes on as it was, or
	 * waits where its state is said to be. */
	int (*convert)(const struct guest_convert *o, struct diag_log *diag);

	/*
	 * The new instance. True when the domain is kept for this kind, with what
	 * adopt() takes.
	 */
	bool (*is_kept)(const struct handover *h, const struct ho_domain *d);
	/* It goes on in its frames; then `d` is HO_DOM_RELEASED. On failure before
	 * that frames and state are as they were, for the next attempt. */
	int (*adopt)(const struct handover *h, struct ho_domain *d,
		     const struct guest_adopt *how, struct diag_log *diag);
	/* True when somebody is on the memory of the guest of this name, or uuid as
	 * text. */
	bool (*in_use)(const char *name);
	/* HO_EADOPT: a guest that was adopted, and ran before, is paused. 0 also when
	 * nobody can tell. */
	int (*check_runs)(const struct handover *h, const struct ho_domain *d,
			  struct diag_log *diag);
	/* They go on in frames of their own; where they did, the kept ones are
	 * HO_DOM_RELEASED. What can be is, whatever becomes of the others. */
	int (*restore)(const struct guest_restore *o, struct handover *h,
		       struct diag_log *diag);
	/* Any kept domain that is HO_DOM_RELEASED by now. True: the host has its
	 * frames. False: they come back with the next update. */
	bool (*give_back)(const struct ho_domain *d);
};

/* True when a guest of this name is to be left. */
bool guest_is_left(const struct guest_wanted *wanted, const char *name);
/* What a function said of a guest goes to g->why, if it is there, else to
 * `diag`; returns `rc`, which is one of the codes of `own`. */
int guest_said(struct guest *g, int rc, const struct diag_log *own,
	       struct diag_log *diag);
/* One more; the texts are the caller's and must live. HO_EUSAGE:
 * GUEST_ITEMS_MAX are there. */
int guest_add_range(struct guest *g, struct vrange r, struct diag_log *diag);
/* The same for a state: its name, and the file with its bytes. HO_EUSAGE. */
int guest_add_state(struct guest *g, const char *name, const char *path,
		    struct diag_log *diag);
/* `work` of each in a thread of its own, of all of them also when one fails. Returns
 * the first failure in the order of the list, or HO_ENOMEM; `diag` has all that they
 * said. */
int guest_at_once(struct guest *const *list, int count,
		  int (*work)(struct guest *g, struct diag_log *diag),
		  struct diag_log *diag);

typedef int guest_range_fn(void *context, struct vrange r,
			   struct diag_log *diag);
/* Each virtual range of a guest with a process: those that it was given, and those
 * of its mappings by name. HO_EPERM, HO_EPROCESS, HO_ENOMEM, HO_ENOMAP, or the
 * first that `fn` returned. */
int guest_each_range(const struct guest *g, guest_range_fn *fn, void *context,
		     struct diag_log *diag);

#endif /* LOADER_GUEST_H */
