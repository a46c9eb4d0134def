import { Recent } from '../../recent.ts'
import { factsOf, type StatementFacts, skeleton } from '../../statement-text.ts'
import { LiteralStatement } from './literals.ts'

export interface Statement {
  readonly text: string
  /** For when its parameters are written into it. */
  readonly literal: LiteralStatement
  readonly facts: StatementFacts
  /** Goes by the binary protocol, and stays prepared; the rest goes as text. */
  readonly prepared: boolean
  /** It ends the transaction in progress, also when it fails. */
  readonly endsTransaction: boolean
  /** A row that is there already is no error. */
  readonly ifAbsent: boolean
  /** A row that it changes instead of inserting it is counted twice by the server. */
  readonly countsTwice: boolean
}

/** Begins statements whose parameters are to be written into them, because they take many rows. */
export const manyRows = '/* many rows */ '

/** Begins statements for which a row that is there already is no error. */
export const ifAbsent = '/* if absent */ '

/** More parameters are not worth preparing: a statement with as many again hardly ever comes. */
const mostBound = 1_000

/** The statements of a database as MySQL takes them; shared by its connections. */
export class MysqlStatements {
  readonly #known = new Recent<Statement>(512)
  readonly #describe: (sql: string) => Statement

  /** `written`: how sessions take SQL that are not the library's own; nothing stays prepared in those. */
  constructor(written?: (sql: string) => string) {
    this.#describe = written ? sql => ({ ...describe(sql, written), prepared: false }) : sql => describe(sql)
  }

  of(sql: string): Statement {
    return this.#known.get(sql, this.#describe)
  }
}

function describe(sql: string, written: (sql: string) => string = unchanged): Statement {
  const facts = factsOf(sql)
  const bare = skeleton(sql)
  const text = written(withCollation(sql, bare))
  return {
    text,
    literal: new LiteralStatement(text),
    facts,
    prepared:
      !sql.startsWith(manyRows) &&
      (facts.changesRows ? facts.placeholders <= mostBound : facts.onlyReads && !/^\s*explain\b/i.test(bare)),
    // https://mariadb.com/kb/en/sql-statements-that-cause-an-implicit-commit/
    endsTransaction:
      /^\s*(?:alter|analyze|create|drop|flush|grant|install|lock|optimize|rename|repair|revoke|truncate|uninstall|unlock)\b/i.test(
        bare,
      ) && !/^\s*(?:create|drop)\s+temporary\b/i.test(bare),
    ifAbsent: sql.startsWith(ifAbsent),
    countsTwice: facts.changesRows && /^\s*replace\b|\bon\s+duplicate\s+key\s+update\b/i.test(bare),
  }
}

function unchanged(sql: string): string {
  return sql
}

/** Without padding: 'a' and 'a ' are two. MariaDB and MySQL each read the comment that is their own. */
export const collation = '/*M! utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */'

/**
 * Tables that say nothing of it compare text character by character, trailing spaces included, as the other engines do: what servers
 * have for a default takes 'A' for 'a', and in a key for a duplicate. Columns and tables that name a collation keep it.
 */
function withCollation(sql: string, text: string): string {
  if (!/^\s*create\s+(?:or\s+replace\s+)?(?:temporary\s+)?table\b/i.test(text)) return sql
  const named = /\b(?:collate|charset|character\s+set)\b/i.test(text.slice(text.lastIndexOf(')')))
  // Those take the collations of what they copy, or have their options elsewhere.
  const special = /\b(?:like|select|partition\s+by)\b/i.test(text) || !text.includes('(')
  if (named || special) return sql
  // On a line of its own, as a comment may come before.
  return `${sql.replace(/[\s;]+$/, '')}\nDEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`
}
