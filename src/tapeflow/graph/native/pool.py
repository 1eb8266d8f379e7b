"""The pool of workers, written as LLVM instructions: what a thread does that takes parts of jobs, and what a caller does.

It is machine code, since a thread that has to come back to Python for each part waits longer for the lock than a cheap part
takes. The threads and what they sleep on are the C library's (pthreads).

How the memory is ordered:
- The list, and a job's links and places, are touched under the pool's mutex only. A worker joins under it, so it sees the job
  as its caller wrote it, and a job that has left the list is joined no more.
- The counts of parts taken only deal out numbers, and `flags` only collects bits: they need to be atomic, not ordered.
- `active` says how many workers are within. A worker leaves by a releasing subtraction, its last touch of the job, and the
  caller reads zero by an acquiring load: then all that the workers wrote is visible, and the job, which is on the caller's
  stack, may go.
- `number`, the count of jobs so far, is a hint to stop spinning; what is true is found out under the mutex.
"""

from __future__ import annotations

import platform
from string import Template

__all__ = ["FUNCTIONS", "FUNCTIONS_AT", "OPTIONAL", "ROOM", "SIZE", "pool_text"]

PATIENCE = 3000
"""Turns, some hundreds of microseconds in all, for which a worker looks out for the next job before it sleeps, and a caller for
the end of the last part: waking a thread takes about as long, and in a loop over large arrays the next job comes sooner."""

BUSY = 1500
"""Of these, the turns in which the thread keeps its processor; in the others it lets any other thread have it."""

PAUSE = {
    "x86_64": ("declare void @llvm.x86.sse2.pause()", "call void @llvm.x86.sse2.pause()"),
    "amd64": ("declare void @llvm.x86.sse2.pause()", "call void @llvm.x86.sse2.pause()"),
    "aarch64": ("declare void @llvm.aarch64.hint(i32)", "call void @llvm.aarch64.hint(i32 1)"),
    "arm64": ("declare void @llvm.aarch64.hint(i32)", "call void @llvm.aarch64.hint(i32 1)"),
}
"""What tells a processor that the thread only waits; in a loop without it the exit is late, and a sibling thread starves."""

FUNCTIONS = (
    *("pthread_mutex_lock", "pthread_mutex_unlock", "pthread_cond_wait", "pthread_cond_signal", "pthread_cond_broadcast"),
    *("sched_yield", "sched_getcpu", "sched_getaffinity", "sched_setaffinity"),
)
OPTIONAL = ("sched_getcpu", "sched_getaffinity", "sched_setaffinity")
"""What Linux has and others may lack."""

ROOM = 128
"""Bytes for a mutex or a condition, of which the pool has three at its start: no C library needs more than 64."""

FUNCTIONS_AT = 3 * ROOM + 3 * 8
"""Where the addresses of FUNCTIONS lie in the pool."""

SIZE = FUNCTIONS_AT + 8 * len(FUNCTIONS)
"""The bytes of a pool."""

TEXT = """
%Pool = type { [$room x i8], [$room x i8], [$room x i8], ptr, i64, i64, [$functions x ptr] }
; 0 mutex, 1 condition: a job came, 2 condition: a job's last worker left, 3 the first job of the list,
; 4 number of jobs so far, 5 whether the workers should end, 6 the functions of FUNCTIONS

%Job = type { ptr, ptr, i64, i64, i64, ptr, i64, i32, i32, i64, i64, [48 x i8] }
; 0 function, 1 block, 2 count, 3 elements of a part, 4 places for workers, 5 the next job of the list, 6 active, 7 flags,
; 8 the caller's processor, 9 parts taken, 10 those from the back, on a cache line of their own

$pause_declaration

define internal void @pause(ptr %pool, i64 %turn) alwaysinline {
entry:
  $pause
  %busy = icmp slt i64 %turn, $busy
  br i1 %busy, label %done, label %yield
yield:
  %place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 5
  %function = load ptr, ptr %place
  call i32 %function()
  br label %done
done:
  ret void
}

define internal void @lock(ptr %pool) alwaysinline {
  %place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 0
  %function = load ptr, ptr %place
  call i32 %function(ptr %pool)
  ret void
}

define internal void @unlock(ptr %pool) alwaysinline {
  %place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 1
  %function = load ptr, ptr %place
  call i32 %function(ptr %pool)
  ret void
}

define internal void @wait(ptr %pool, i32 %which) alwaysinline {
  %place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 2
  %function = load ptr, ptr %place
  %condition = getelementptr [$room x i8], ptr %pool, i32 %which
  call i32 %function(ptr %condition, ptr %pool)
  ret void
}

; The processor that this thread is on, or -1.
define internal i32 @processor(ptr %pool) {
entry:
  %place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 6
  %function = load ptr, ptr %place
  %unknown = icmp eq ptr %function, null
  br i1 %unknown, label %done, label %ask
ask:
  %here = call i32 %function()
  br label %done
done:
  %answer = phi i32 [-1, %entry], [%here, %ask]
  ret i32 %answer
}

; A worker on its caller's processor would only take turns with it, and a scheduler may leave it there: it goes to any other.
define internal void @part_from(ptr %pool, i32 %there) {
entry:
  %allowed = alloca [128 x i8], align 8
  %here = call i32 @processor(ptr %pool)
  %same = icmp eq i32 %here, %there
  %known = icmp ult i32 %here, 1024
  %together = and i1 %same, %known
  br i1 %together, label %look, label %done
look:
  %get_place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 7
  %get = load ptr, ptr %get_place
  %failure = call i32 %get(i32 0, i64 128, ptr %allowed)
  %failed = icmp ne i32 %failure, 0
  br i1 %failed, label %done, label %move
move:
  %set_place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 8
  %set = load ptr, ptr %set_place
  %index = lshr i32 %here, 3
  %byte = getelementptr i8, ptr %allowed, i32 %index
  %with = load i8, ptr %byte
  %bit = and i32 %here, 7
  %number = trunc i32 %bit to i8
  %mask = shl i8 1, %number
  %others = xor i8 %mask, -1
  %without = and i8 %with, %others
  store i8 %without, ptr %byte
  call i32 %set(i32 0, i64 128, ptr %allowed)  ; refused if this is the only processor
  store i8 %with, ptr %byte
  call i32 %set(i32 0, i64 128, ptr %allowed)
  br label %done
done:
  ret void
}

; Takes parts of the job until none is left: the caller from the front, workers from the back, so that in a loop over the same
; arrays each processor finds in its cache what it had the last time. What is given out in all keeps the two from meeting.
define internal void @take(ptr %job, i1 %is_worker) {
entry:
  %function = load ptr, ptr %job
  %block_place = getelementptr %Job, ptr %job, i32 0, i32 1
  %block = load ptr, ptr %block_place
  %count_place = getelementptr %Job, ptr %job, i32 0, i32 2
  %count = load i64, ptr %count_place
  %size_place = getelementptr %Job, ptr %job, i32 0, i32 3
  %size = load i64, ptr %size_place
  %flags = getelementptr %Job, ptr %job, i32 0, i32 7
  %taken_place = getelementptr %Job, ptr %job, i32 0, i32 9
  %back_place = getelementptr %Job, ptr %job, i32 0, i32 10
  %reach = sub i64 %count, 1
  %last = sdiv i64 %reach, %size
  br label %another
another:
  %front = phi i64 [0, %entry], [%front_next, %part], [%front_next, %note]
  %taken = atomicrmw add ptr %taken_place, i64 1 monotonic
  %some = icmp sle i64 %taken, %last
  br i1 %some, label %which, label %done
which:
  br i1 %is_worker, label %behind, label %part
behind:
  %back = atomicrmw add ptr %back_place, i64 1 monotonic
  %from_back = sub i64 %last, %back
  br label %part
part:
  %index = phi i64 [%front, %which], [%from_back, %behind]
  %front_next = add i64 %front, 1
  %start = mul i64 %index, %size
  %end = add i64 %start, %size
  %beyond = icmp sgt i64 %end, %count
  %stop = select i1 %beyond, i64 %count, i64 %end
  %flag = call i32 %function(ptr %block, i64 %start, i64 %stop)
  %plain = icmp eq i32 %flag, 0
  br i1 %plain, label %another, label %note
note:
  atomicrmw or ptr %flags, i32 %flag monotonic
  br label %another
done:
  ret void
}

; Runs a job with at most `helpers` workers beside the caller; gives the flags of all parts, or-ed.
define i32 @run(ptr %pool, ptr %function, ptr %block, i64 %count, i64 %size, i64 %helpers) {
entry:
  %job = alloca %Job, align 64
  store ptr %function, ptr %job
  %block_place = getelementptr %Job, ptr %job, i32 0, i32 1
  store ptr %block, ptr %block_place
  %count_place = getelementptr %Job, ptr %job, i32 0, i32 2
  store i64 %count, ptr %count_place
  %size_place = getelementptr %Job, ptr %job, i32 0, i32 3
  store i64 %size, ptr %size_place
  %places = getelementptr %Job, ptr %job, i32 0, i32 4
  store i64 %helpers, ptr %places
  %link = getelementptr %Job, ptr %job, i32 0, i32 5
  %active = getelementptr %Job, ptr %job, i32 0, i32 6
  store i64 0, ptr %active
  %flags = getelementptr %Job, ptr %job, i32 0, i32 7
  store i32 0, ptr %flags
  %taken_place = getelementptr %Job, ptr %job, i32 0, i32 9
  store i64 0, ptr %taken_place
  %back_place = getelementptr %Job, ptr %job, i32 0, i32 10
  store i64 0, ptr %back_place
  %first = getelementptr %Pool, ptr %pool, i32 0, i32 3
  %number = getelementptr %Pool, ptr %pool, i32 0, i32 4
  %home = getelementptr %Job, ptr %job, i32 0, i32 8
  %here = call i32 @processor(ptr %pool)
  store i32 %here, ptr %home
  call void @lock(ptr %pool)
  %behind = load ptr, ptr %first
  store ptr %behind, ptr %link
  store ptr %job, ptr %first
  atomicrmw add ptr %number, i64 1 monotonic
  call void @unlock(ptr %pool)
  %signal_place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 3
  %signal = load ptr, ptr %signal_place
  %came = getelementptr %Pool, ptr %pool, i32 0, i32 1
  br label %call
call:
  %called = phi i64 [0, %entry], [%called_next, %call]
  call i32 %signal(ptr %came)
  %called_next = add i64 %called, 1
  %more = icmp slt i64 %called_next, %helpers
  br i1 %more, label %call, label %work
work:
  call void @take(ptr %job, i1 false)
  call void @lock(ptr %pool)
  br label %search
search:  ; the place that holds the link to this job
  %holder = phi ptr [%first, %work], [%further, %step]
  %held = load ptr, ptr %holder
  %found = icmp eq ptr %held, %job
  br i1 %found, label %unlink, label %step
step:
  %further = getelementptr %Job, ptr %held, i32 0, i32 5
  br label %search
unlink:
  %after = load ptr, ptr %link
  store ptr %after, ptr %holder
  call void @unlock(ptr %pool)
  br label %spin
spin:
  %turn = phi i64 [0, %unlink], [%turn_next, %again]
  %within = load atomic i64, ptr %active acquire, align 8
  %alone = icmp eq i64 %within, 0
  br i1 %alone, label %done, label %again
again:
  call void @pause(ptr %pool, i64 %turn)
  %turn_next = add i64 %turn, 1
  %patient = icmp slt i64 %turn_next, $patience
  br i1 %patient, label %spin, label %sleep
sleep:
  call void @lock(ptr %pool)
  br label %check
check:
  %still = load atomic i64, ptr %active acquire, align 8
  %over = icmp eq i64 %still, 0
  br i1 %over, label %awake, label %nap
nap:
  call void @wait(ptr %pool, i32 2)
  br label %check
awake:
  call void @unlock(ptr %pool)
  br label %done
done:
  %answer = load i32, ptr %flags
  ret i32 %answer
}

; The life of a worker.
define ptr @serve(ptr %pool) {
entry:
  %first = getelementptr %Pool, ptr %pool, i32 0, i32 3
  %number = getelementptr %Pool, ptr %pool, i32 0, i32 4
  %ending = getelementptr %Pool, ptr %pool, i32 0, i32 5
  %left = getelementptr %Pool, ptr %pool, i32 0, i32 2
  %broadcast_place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 4
  %broadcast = load ptr, ptr %broadcast_place
  call void @lock(ptr %pool)
  br label %search
search:  ; with the lock; `tired` is whether the worker has waited in vain since its last job
  %tired = phi i1 [true, %entry], [false, %finished], [true, %rested], [true, %slept]
  %head = load ptr, ptr %first
  br label %look
look:
  %job = phi ptr [%head, %search], [%behind, %pass]
  %nothing = icmp eq ptr %job, null
  br i1 %nothing, label %idle, label %consider
consider:
  %places = getelementptr %Job, ptr %job, i32 0, i32 4
  %free = load i64, ptr %places
  %wanted = icmp sgt i64 %free, 0
  br i1 %wanted, label %join, label %pass
pass:
  %link = getelementptr %Job, ptr %job, i32 0, i32 5
  %behind = load ptr, ptr %link
  br label %look
join:
  %fewer = sub i64 %free, 1
  store i64 %fewer, ptr %places
  %active = getelementptr %Job, ptr %job, i32 0, i32 6
  atomicrmw add ptr %active, i64 1 monotonic
  call void @unlock(ptr %pool)
  %home = getelementptr %Job, ptr %job, i32 0, i32 8
  %there = load i32, ptr %home
  call void @part_from(ptr %pool, i32 %there)
  call void @take(ptr %job, i1 true)
  %within = atomicrmw sub ptr %active, i64 1 release  ; from here on the job may be gone
  call void @lock(ptr %pool)
  %last = icmp eq i64 %within, 1
  br i1 %last, label %report, label %finished
report:  ; under the lock: the caller is asleep by now, or will look before it sleeps
  call i32 %broadcast(ptr %left)
  br label %finished
finished:
  br label %search
idle:
  %end = load i64, ptr %ending
  %ended = icmp ne i64 %end, 0
  br i1 %ended, label %quit, label %stay
stay:
  %seen = load atomic i64, ptr %number monotonic, align 8
  br i1 %tired, label %sleep, label %watch
sleep:
  call void @wait(ptr %pool, i32 1)
  br label %slept
slept:
  br label %search
watch:
  call void @unlock(ptr %pool)
  br label %spin
spin:
  %turn = phi i64 [0, %watch], [%turn_next, %spin]
  call void @pause(ptr %pool, i64 %turn)
  %now = load atomic i64, ptr %number monotonic, align 8
  %turn_next = add i64 %turn, 1
  %patient = icmp slt i64 %turn_next, $patience
  %same = icmp eq i64 %now, %seen
  %more = and i1 %patient, %same
  br i1 %more, label %spin, label %rested
rested:
  call void @lock(ptr %pool)
  br label %search
quit:
  call void @unlock(ptr %pool)
  ret ptr null
}

; Asks the workers to end; a job that comes later is done by its caller alone.
define void @end(ptr %pool) {
  %ending = getelementptr %Pool, ptr %pool, i32 0, i32 5
  %number = getelementptr %Pool, ptr %pool, i32 0, i32 4
  %broadcast_place = getelementptr %Pool, ptr %pool, i32 0, i32 6, i32 4
  %broadcast = load ptr, ptr %broadcast_place
  %came = getelementptr %Pool, ptr %pool, i32 0, i32 1
  call void @lock(ptr %pool)
  store i64 1, ptr %ending
  atomicrmw add ptr %number, i64 1 monotonic
  call void @unlock(ptr %pool)
  call i32 %broadcast(ptr %came)
  ret void
}
"""


def pool_text() -> str:
    """The module of `run`, `serve` and `end`.

    Raises:
        RuntimeError: no pause instruction is known for this processor.
    """
    declaration, instruction = PAUSE.get(platform.machine().lower(), ("", ""))
    if not declaration:
        raise RuntimeError(f"no pause instruction is known for {platform.machine()}")
    return Template(TEXT).substitute(
        room=ROOM,
        functions=len(FUNCTIONS),
        patience=PATIENCE,
        busy=BUSY,
        pause_declaration=declaration,
        pause=instruction,
    )
