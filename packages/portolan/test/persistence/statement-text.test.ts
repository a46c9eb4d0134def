import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { factsOf, splitStatements } from '../../src/persistence/statement-text.ts'

test('a script is split at the semicolons that end statements, and at no others', () => {
  const trigger = `create trigger log after insert on t begin
    insert into l values (case when new.n > 0 then 'a;b' else 'c' end);
    delete from m;
  end`
  const script = `-- first; comment\ncreate table t (n integer); ${trigger}; insert into "a;b" values ('it''s; fine') ;;
    /* only; a comment */ ;
    create function f() as $body$ begin; end $body$; begin_more; select 'end'`
  assert.deepEqual(splitStatements(script), [
    '-- first; comment\ncreate table t (n integer)',
    trigger,
    `insert into "a;b" values ('it''s; fine')`,
    'create function f() as $body$ begin; end $body$',
    'begin_more',
    "select 'end'",
  ])
  assert.deepEqual(splitStatements('  ; -- nothing\n'), [])
})

test('bodies of routines stay whole, and so do comments that MySQL runs', () => {
  const procedure = `create or replace definer = root@localhost procedure restock(in wanted int)
  begin
    declare n int default 0;
    while n < wanted do
      if n > 2 then insert into log values (case n when 3 then 'a' else 'b' end); end if;
      case n when 1 then set n = n + 2; else set n = n + 1; end case;
    end while;
  end`
  const atomic = 'create function two() returns int language sql begin atomic select 1; select 2; end'
  const executed = '/*!50003 create trigger t before insert on a for each row set @x = 1 */'
  assert.deepEqual(splitStatements([procedure, atomic, executed, 'select 1'].join(';\n')), [
    procedure,
    atomic,
    executed,
    'select 1',
  ])
})

test('whatever stands in quotes or comments neither splits nor counts', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      const literal = `'${text.replaceAll("'", "''")}'`
      const name = `"${text.replaceAll('"', '""')}"`
      const statement = `select ${literal} as ${name}, ?`
      assert.deepEqual(splitStatements(`${statement}; ${statement}`), [statement, statement])
      assert.equal(factsOf(statement).placeholders, 1)
    }),
  )
})

test('what only reads is told from what may write; in doubt it writes', () => {
  const reads = [
    'select 1',
    ' SELECT\n* from t',
    '(select 1)',
    'values (1)',
    'explain delete from t',
    '/* x */ select 1',
  ]
  const recursive = 'with recursive a as (select 1) select * from a'
  for (const sql of [...reads, recursive]) assert.equal(factsOf(sql).onlyReads, true, sql)
  const writes = [
    'insert into t values (1)',
    'with a as (select 1) delete from t',
    'pragma x',
    'create table t (n)',
  ]
  for (const sql of writes) assert.equal(factsOf(sql).onlyReads, false, sql)
})

test('columns are taken by name only where the schema cannot change them', () => {
  for (const sql of [
    'select a, b from t',
    'select 2 from t',
    'delete from t returning a',
    'select a * 1000, 2*3, (a) * (b), a * "b" from t',
    'update t set a = a * ? returning a',
  ]) {
    assert.equal(factsOf(sql).namesColumns, true, sql)
  }
  for (const sql of [
    'select * from t',
    'select t.* from t',
    'select a, * from t',
    'delete from t returning *',
    'select a * 2, t.* from t',
    'pragma x',
  ]) {
    assert.equal(factsOf(sql).namesColumns, false, sql)
  }
})
