import {
  type AggregateFunctionNode,
  type Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
} from 'kysely'

/** Kysely for sessions in which `"` quotes identifiers and a backslash in a literal is a backslash. */
export const mysqlKysely = {
  createAdapter: () => new MysqlAdapter(),
  createIntrospector: (db: Kysely<unknown>) => new MysqlIntrospector(db),
  createQueryCompiler: () => new StandardQuotes(),
}

class StandardQuotes extends MysqlQueryCompiler {
  protected override getLeftIdentifierWrapper(): string {
    return '"'
  }

  protected override getRightIdentifierWrapper(): string {
    return '"'
  }

  protected override sanitizeIdentifier(identifier: string): string {
    return identifier.replaceAll('"', '""')
  }

  protected override sanitizeStringLiteral(value: string): string {
    return value.replaceAll("'", "''")
  }

  /** Inside of `"…"` in a path, which is inside of a literal. */
  protected override sanitizeJSONPathMemberValue(value: string): string {
    return value.replaceAll(/[\\"]/g, '\\$&').replaceAll("'", "''")
  }

  /** As a number, which it is on every engine then; of whole numbers, it would be a decimal. */
  protected override visitAggregateFunction(node: AggregateFunctionNode): void {
    const isAverage = node.func === 'avg'
    if (isAverage) this.append('cast(')
    super.visitAggregateFunction(node)
    if (isAverage) this.append(' as double)')
  }
}
