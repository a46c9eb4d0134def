import type { Migration } from '../../../persistence/migrations.ts'

/**
 * One narrow table that is hot, the rest beside it. There are no partial indexes here: the claim reads `portolan_job_due` by the generated
 * `due_priority`, which only what may be claimed has. Jobs that wait for their group do not, so a group of a million costs the others
 * nothing.
 */
export const migrations: readonly Migration[] = [
  {
    name: '0001-jobs',
    up: `
      create table portolan_job (
        id bigint not null auto_increment primary key,
        queue varchar(200) not null,
        priority tinyint not null,
        run_at bigint not null,
        state tinyint not null,
        attempt integer not null default 0,
        crashes integer not null default 0,
        created_at bigint not null,
        owner bigint,
        parent bigint,
        group_key varchar(500),
        unique_key varchar(500),
        unique_waiting tinyint not null default 0,
        version integer not null default 1,
        payload longtext not null,
        trace text,
        last_error text,
        due_priority tinyint generated always as (case when state <= 1 then priority end) stored,
        key portolan_job_due (queue, due_priority, run_at, id),
        key portolan_job_group (queue, group_key, state, id),
        unique key portolan_job_unique (queue, unique_key),
        key portolan_job_owner (owner),
        key portolan_job_state (state, attempt, run_at, queue)
      );

      create table portolan_job_worker (
        id bigint not null auto_increment primary key,
        lease_until bigint not null,
        host varchar(200) not null,
        pid integer not null,
        started varchar(40) not null
      );

      create table portolan_job_dead (
        id bigint not null primary key,
        queue varchar(200) not null,
        priority tinyint not null,
        attempts integer not null,
        created_at bigint not null,
        died_at bigint not null,
        parent bigint,
        group_key varchar(500),
        unique_key varchar(500),
        version integer not null,
        payload longtext not null,
        trace text,
        reason text not null,
        stack mediumtext not null,
        key portolan_job_dead_newest (died_at)
      );

      create table portolan_job_schedule (
        name varchar(200) not null primary key,
        last_run_at bigint not null,
        queue varchar(200) not null,
        cron varchar(200) not null,
        time_zone varchar(200) not null,
        missed varchar(200) not null
      );

      create table portolan_job_paused (
        queue varchar(200) not null primary key,
        paused_at bigint not null
      );

      create table portolan_job_limit (
        queue varchar(200) not null primary key,
        busy_until bigint not null
      );

      create table portolan_job_flow (
        parent_id bigint not null primary key,
        waiting integer not null
      );

      create table portolan_job_cancelled (
        job_id bigint not null primary key
      );

      create table portolan_job_progress (
        job_id bigint not null primary key,
        progress longtext not null
      );

      create table portolan_job_ended (
        id bigint not null primary key,
        queue varchar(200) not null,
        outcome varchar(200) not null,
        attempts integer not null,
        created_at bigint not null,
        ended_at bigint not null,
        keep_until bigint not null,
        group_key varchar(500),
        unique_key varchar(500),
        payload longtext not null,
        progress longtext,
        result longtext,
        key portolan_job_ended_until (keep_until)
      );
    `,
  },
  {
    name: '0002-group-rates',
    up: `
      create table portolan_job_group_rate (
        queue varchar(200) not null,
        group_key varchar(500) not null,
        busy_until bigint not null,
        opens_at bigint,
        primary key (queue, group_key),
        key portolan_job_group_rate_opens (queue, opens_at)
      );

      alter table portolan_job_dead add column keep_until bigint, add key portolan_job_dead_until (keep_until);
    `,
  },
  {
    name: '0003-held-keys',
    up: `
      create table portolan_job_key (
        queue varchar(200) not null,
        unique_key varchar(500) not null,
        held_until bigint not null,
        primary key (queue, unique_key),
        key portolan_job_key_until (held_until)
      );
    `,
  },
]
