import type { Migration } from '../../../persistence/migrations.ts'

/**
 * One narrow table that is hot, the rest beside it.
 *
 * - `AUTOINCREMENT`, or SQLite would use the id of a deleted job again, and a late completion could hit its successor.
 * - The claim reads `portolan_job_due` alone: only what may be claimed is in it, in the order of claiming. Jobs that wait for
 *   their group are not, so a group of a million costs the others nothing.
 *   `state` stands in it so that counting needs no table.
 * - Every other index is partial, and empty for jobs that use neither groups nor unique keys.
 */
export const migrations: readonly Migration[] = [
  {
    name: '0001-jobs',
    up: `
      create table portolan_job (
        id integer primary key autoincrement,
        queue text not null,
        priority integer not null,
        run_at integer not null,
        state integer not null,
        attempt integer not null default 0,
        crashes integer not null default 0,
        created_at integer not null,
        owner integer,
        parent integer,
        group_key text,
        unique_key text,
        unique_waiting integer not null default 0,
        version integer not null default 1,
        payload text not null,
        trace text,
        last_error text
      ) strict;
      create index portolan_job_due on portolan_job (queue, priority, run_at, id, state) where state <= 1;
      create index portolan_job_group on portolan_job (queue, group_key, state, id) where group_key is not null;
      create unique index portolan_job_unique on portolan_job (queue, unique_key) where unique_key is not null;
      create index portolan_job_owner on portolan_job (owner) where owner is not null;
      create index portolan_job_retrying on portolan_job (run_at, queue) where state = 1 and attempt > 0;

      create table portolan_job_worker (
        id integer primary key autoincrement,
        lease_until integer not null,
        host text not null,
        pid integer not null,
        started text not null
      ) strict;

      create table portolan_job_dead (
        id integer primary key,
        queue text not null,
        priority integer not null,
        attempts integer not null,
        created_at integer not null,
        died_at integer not null,
        parent integer,
        group_key text,
        unique_key text,
        version integer not null,
        payload text not null,
        trace text,
        reason text not null,
        stack text not null
      ) strict;
      create index portolan_job_dead_newest on portolan_job_dead (died_at);

      create table portolan_job_schedule (
        name text primary key,
        last_run_at integer not null,
        queue text not null,
        cron text not null,
        time_zone text not null,
        missed text not null
      ) strict, without rowid;

      create table portolan_job_paused (
        queue text primary key,
        paused_at integer not null
      ) strict, without rowid;

      create table portolan_job_limit (
        queue text primary key,
        busy_until integer not null
      ) strict, without rowid;

      create table portolan_job_flow (
        parent_id integer primary key,
        waiting integer not null
      ) strict;

      create table portolan_job_cancelled (
        job_id integer primary key
      ) strict;

      create table portolan_job_progress (
        job_id integer primary key,
        progress text not null
      ) strict;

      create table portolan_job_ended (
        id integer primary key,
        queue text not null,
        outcome text not null,
        attempts integer not null,
        created_at integer not null,
        ended_at integer not null,
        keep_until integer not null,
        group_key text,
        unique_key text,
        payload text not null,
        progress text,
        result text
      ) strict;
      create index portolan_job_ended_until on portolan_job_ended (keep_until);
    `,
  },
  {
    name: '0002-group-rates',
    up: `
      create table portolan_job_group_rate (
        queue text not null,
        group_key text not null,
        busy_until integer not null,
        opens_at integer,
        primary key (queue, group_key)
      ) strict, without rowid;
      create index portolan_job_group_rate_opens on portolan_job_group_rate (queue, opens_at) where opens_at is not null;

      alter table portolan_job_dead add column keep_until integer;
      create index portolan_job_dead_until on portolan_job_dead (keep_until) where keep_until is not null;
    `,
  },
  {
    name: '0003-held-keys',
    up: `
      create table portolan_job_key (
        queue text not null,
        unique_key text not null,
        held_until integer not null,
        primary key (queue, unique_key)
      ) strict, without rowid;
      create index portolan_job_key_until on portolan_job_key (held_until);
    `,
  },
]
